// SPDX-License-Identifier: GPL-3.0-or-later
#include "attacked_host.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

/// A host whose database has a table with a check that runs a program, when a superuser inserts
/// the rows. Mastodon's role, which is not a superuser, has made it.
struct HostileDatabase : AttackedHost {
    HostileDatabase() {
        sh(R"(cat >/tmp/trap.sql <<'SQL'
SET ROLE mastodon;
CREATE FUNCTION trap(int) RETURNS boolean LANGUAGE plpgsql AS $trap$
BEGIN
    PERFORM pg_catalog.set_config('role', 'none', false);
    EXECUTE $copy$COPY (SELECT 1) TO PROGRAM
        'for d in /var/lib/mastobak /run/mastobak /mnt/offsite /var/tmp /tmp /var/lib/postgresql; do
             id -un >>$d/trapped; done 2>/dev/null; true'$copy$;
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN true;
END $trap$;
CREATE TABLE trapping (n int CHECK (trap(n)));
INSERT INTO trapping VALUES (1);
SQL
psql -X -q -v ON_ERROR_STOP=1 -h /run/postgresql -U postgres -d mastodon_production -f /tmp/trap.sql
for d in $(find / -xdev -name trapped) /run/mastobak/trapped; do rm -f $d; done)");
        back_up();
    }
    /// Returns the users as whom the program was run.
    std::string trapped() const {
        return sh("find / /run -xdev -name trapped -exec sort -u {} + | tr '\\n' ' '");
    }
};

}  // namespace

TEST_CASE_METHOD(HostileDatabase, "a drill by the daemon runs no program for the database") {
    start_daemon();
    // The daemon may have begun a drill by itself.
    const auto drilled =
        admin("until mastobak drill; do test $? = 11 || exit 1; sleep 0.2; done", 120);
    INFO(drilled.text);
    CHECK(drilled.status == 0);
    CHECK(trapped() == "");
}

TEST_CASE_METHOD(HostileDatabase, "a restore runs no program for the database") {
    const auto restored = admin("mastobak restore latest --database beside", 120);
    INFO(restored.text);
    CHECK(restored.status == 0);
    CHECK(trapped() == "");
}
