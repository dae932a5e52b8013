// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/restores/known_damage.hpp"

#include "daemon/records/drill_record.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;

namespace {

const std::string damaged_set = "20261121T030000Z";

struct DamageFixture {
    test::TemporaryDirectory directory;
    config::Config config;

    DamageFixture() {
        config.state_directory = directory.path();
        config::Remote remote;
        remote.name = "b2";
        config.offsite = {remote};
    }
    void damage(const std::string& object, const scrub::Damage& damage) {
        scrub::change_ledger(config.state_directory, "b2", [&](scrub::Ledger& ledger) {
            scrub::Record record{Bytes{1}, {}, {}};
            record.damage = damage;
            ledger.objects.emplace(object, record);
        });
    }
    KnownDamage known() const { return {config, "remote 'b2'", damaged_set}; }
};

media::Entry file_in(const std::string& path, const std::string& pack) {
    media::Entry entry;
    entry.type = media::EntryType::file;
    entry.path = path;
    entry.pack = pack;
    return entry;
}

}  // namespace

TEST_CASE_METHOD(DamageFixture,
                 "a file of a damaged pack is said to be damaged, or that it may be") {
    damage("media/a.tar",
           {{}, "its contents changed", {"x\\x0a.png", "y.png"}, 2, {damaged_set}, "staging"});
    damage("media/b.tar", {{}, "its contents changed", {"z.png"}, 7, {damaged_set}, ""});
    damage("media/c.tar", {{}, "it is missing", {}, 0, {damaged_set}, ""});
    damage("media/d.tar", {{}, "its contents changed", {"q.png"}, 1, {"20261122T030000Z"}, ""});
    const auto known = this->known();
    const auto begins = [&](const char* path, const char* pack, const std::string& with) {
        const auto text = known.of(file_in(path, pack));
        INFO(text);
        return with.empty() ? text.empty() : text.starts_with(with);
    };
    CHECK(begins("x\n.png", "a.tar",
                 "DAMAGED: its pack: its contents changed; an intact copy is at staging"));
    CHECK(begins("other.png", "a.tar", ""));
    CHECK(begins("z.png", "b.tar", "DAMAGED: "));
    CHECK(
        begins("other.png", "b.tar", "MAY BE DAMAGED: its pack: its contents changed; no intact"));
    CHECK(begins("any.png", "c.tar", "DAMAGED: its pack: it is missing"));
    CHECK(begins("q.png", "d.tar", ""));  // damage of another set
    CHECK(begins("fine.png", "e.tar", ""));
    const auto lines = known.lines(2);
    REQUIRE(lines.size() == 3 + 2 + 1);
    CHECK(lines[3].starts_with("damaged: 'x\\x0a.png': an intact copy is at staging"));
    CHECK(lines[5].starts_with("and 1 more"));
    CHECK_FALSE(KnownDamage(config, "'/srv/staging'", damaged_set).any());
}

TEST_CASE_METHOD(DamageFixture,
                 "of an older set than those that were asked, other files may be damaged") {
    const std::vector<std::string> sets{damaged_set, "20261122T030000Z", "20261123T030000Z",
                                        "20261124T030000Z"};
    damage("media/a.tar", {{}, "its contents changed", {"x.png"}, 1, sets, ""});
    CHECK(known().of(file_in("y.png", "a.tar")).starts_with("MAY BE DAMAGED"));
    CHECK(KnownDamage(config, "remote 'b2'", sets[1]).of(file_in("y.png", "a.tar")).empty());
}

TEST_CASE_METHOD(DamageFixture,
                 "tables that a drill has found to differ are said before a restore") {
    DrillRecord drill;
    drill.id = "20261125T030000Z";
    drill.report.set = damaged_set;
    drill.report.source = "remote 'b2'";
    postgres::Check check;
    check.name = "database";
    check.verdict = postgres::Verdict::bad;
    check.problems = {"table 'public.accounts' has 7 rows, not 8"};
    drill.report.checks = {check};
    write_drill(config.state_directory, drill);
    const auto lines = known().lines(20);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("the drill of remote 'b2' on "));
    CHECK(lines[0].ends_with(" found: table 'public.accounts' has 7 rows, not 8"));
}
