// SPDX-License-Identifier: GPL-3.0-or-later
#include "drill_fixture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "archive/archive_files.hpp"
#include "integration/postgres/fixture.hpp"
#include "mastodon/media_paths.hpp"
#include "media/backup_tree.hpp"
#include "media/tree_options.hpp"
#include "postgres/contents/contents_file.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/inspect.hpp"
#include "restore/source/set_source.hpp"
#include "store/new_set.hpp"
#include "support/catch.hpp"
#include "support/described_database.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

// Made with Ruby's OpenSSL, like webpush and ActiveRecord::Encryption (SHA-256, 2**16 rounds).
const char* const good_secrets = R"(LOCAL_DOMAIN=mastodon.example
SECRET_KEY_BASE=6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a
OTP_SECRET=0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b
VAPID_PRIVATE_KEY=zGJJIRh9Uhkl9-3hLfO1lcoCh8DV0O_yErrOhJPkU6U=
VAPID_PUBLIC_KEY=BDrkeowhtIkV9978T97JqjerYl_LasQe6g-UFHuckXzObkvCPcRcNJ1zY1U3kO2d1mH1FWV3EDsFb0CsMKB_fe8=
ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY=3yLkZ0zVv7Qm1TtWc8Ns5RbXh2Jd9PfK
ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY=aR5tY7uI9oP1sD3fG5hJ7kL9zX1cV3bN
ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT=Gq4Mw6Ey8Ua1Ic3Oe5Zs7Nx9Rv2Bt0Lh
)";
const char* const encrypted_otp_secret =
    R"({"p":"ykKbgPCgOuiHOzYcxBzm4i4GkizCqs+v",)"
    R"("h":{"iv":"/KtbGFnclO4hK/Iy","at":"6/3/qJ/olud7WOMEXY4dKQ=="}})";

namespace {

constexpr auto database = "drilled";

std::string contents_of(int id) {
    return fmt::format("the contents of {}", id);
}

/// Whether the database is unchanged. It takes seconds to make a new one.
bool unchanged = false;

void make_database() {
    const auto& server = PostgresServer::shared();
    server.create_mastodon(database);
    if (server.psql("postgres", "SELECT 1 FROM pg_roles WHERE rolname = 'masto don'").empty())
        server.psql("postgres", "CREATE ROLE \"masto don\" LOGIN");
    server.psql("postgres", fmt::format("ALTER DATABASE {} OWNER TO \"masto don\"", database));
    auto sql = fmt::format(
        "INSERT INTO accounts (id, username, created_at, updated_at) "
        "SELECT n, 'user' || n, now(), now() FROM generate_series(1, 100) n;"
        "INSERT INTO users (email, otp_secret, account_id, created_at, updated_at) "
        "VALUES ('a@example.org', '{}', 1, now(), now());",
        encrypted_otp_secret);
    for (int id = 1; id <= 20; ++id)
        sql += fmt::format(
            "INSERT INTO media_attachments (id, file_file_name, file_content_type, "
            "file_file_size, created_at, updated_at) "
            "VALUES ({0}, '{0}.mp3', 'audio/mpeg', {1}, now(), now());",
            id, contents_of(id).size());
    server.psql(database, sql);
}

void flip(std::string& bytes) {
    bytes[bytes.size() / 2] ^= 1;
}

}  // namespace

DrillFixture::DrillFixture() {
    staging.prepare();
    fs::permissions(short_.path(), fs::perms(0711));
    options.scratch = short_ / "d";
    options.postgres_user = "nobody";  // not root; this user exists on every host
    write(env, good_secrets);
    if (!std::exchange(unchanged, true)) make_database();
    for (int id = 1; id <= 20; ++id) rewrite(id, contents_of(id));
}

void DrillFixture::rewrite(int id, const std::string& contents) const {
    write(media / fmt::format("media_attachments/files/{}/original/{}.mp3",
                              mastodon::id_partition(static_cast<unsigned>(id)), id),
          contents);
}

void DrillFixture::sql(const std::string& statement) const {
    unchanged = false;
    PostgresServer::shared().psql(database, statement);
}

void DrillFixture::publish(const std::string& name,
                           const std::function<void(store::Manifest&)>& change) {
    store::NewSet made(staging, name);
    store::Manifest manifest;
    manifest.set = name;
    const auto settings = settings_of(database);
    const auto rows = postgres::Snapshot(settings).count_rows({});
    if (after_counts) after_counts();
    postgres::Snapshot snapshot(settings);
    const auto facts = postgres::inspect(snapshot.connection());
    const auto recorded = postgres::record(snapshot.connection(), facts.owner);
    const auto tools = postgres::find_tools(snapshot.connection().server_major());
    const auto dump_file = made.directory() / "database.dump.zst";
    auto dump = postgres::dump(settings, tools, snapshot.id(), dump_file, {}, {}, {});
    if (const auto change_rows = std::exchange(after_contents, {})) {
        change_rows();
        fs::remove(dump_file);
        const postgres::Snapshot changed(settings);
        const auto contents = dump.contents;
        dump = postgres::dump(settings, tools, changed.id(), dump_file, {}, {}, {});
        dump.contents = contents;
    }
    made.add({"database.dump.zst", dump.files.at(0).size, dump.files.at(0).sha256});
    if (recorded_contents) {
        const auto written =
            postgres::write_contents(made.directory() / postgres::contents_name, *dump.contents);
        made.add({postgres::contents_name, written.size, written.sha256});
    }
    describe(manifest, "mastodon_production", facts, recorded, dump, facts.owner);
    manifest.database.pg_dump_version = tools.version;
    manifest.database.rows = rows;

    const auto config = archive::archive_files({env}, made.directory() / "config.tar.zst", {});
    made.add({"config.tar.zst", config.size, config.sha256});
    manifest.config_files = config.members;

    if (!missing_list.empty()) {
        const auto file = made.directory() / "missing-media.txt";
        write(file, missing_list);
        made.add({"missing-media.txt", Bytes{missing_list.size()}, sha256_of_file(file)});
    }

    media::TreeOptions tree_options;
    tree_options.root = media;
    tree_options.index = made.directory() / "media.index.zst";
    tree_options.pack_directory = made.pack_directory();
    tree_options.pack_prefix = name;
    tree_options.pack_size = Bytes{16 * 1024};  // small, for several packs
    const auto tree = media::backup_tree(tree_options, {}, {});
    add_index(made, manifest, tree.index, index_as);
    for (const auto& pack : tree.new_packs)
        manifest.media.packs.push_back(
            {pack.name, pack.size, pack.sha256, pack.members, pack.size});
    manifest.media.root = media;
    manifest.media.scope = "local";
    manifest.media.files = tree.index.files;
    manifest.media.bytes = tree.index.file_bytes;
    manifest.reconciliation.done = true;
    if (change) change(manifest);
    if (sign) made.sign_with(signing_key);
    made.publish(manifest, {});
    set = name;
}

fs::path DrillFixture::part(const std::string& name) const {
    return staging.set(set) / name;
}

fs::path DrillFixture::pack() const {
    return staging.media() / staging.manifest(set).media.packs.at(0).name;
}

void DrillFixture::flip_bit(const fs::path& file) const {
    auto bytes = read(file);
    flip(bytes);
    write(file, bytes);
}

void DrillFixture::cut(const fs::path& file) const {
    fs::resize_file(file, fs::file_size(file) / 2);
}

std::unique_ptr<restore::SetSource> DrillFixture::remote_of(const fs::path& root) const {
    config::Remote remote;
    remote.name = "disk";
    remote.type = config::RemoteType::directory;
    remote.target = root;
    return restore::sets_at(remote, directory / "scratch-of-source");
}

restore::DrillReport DrillFixture::drill(std::stop_token stop, restore::OnDrillProgress progress) {
    const auto source = restore::sets_in(staging.root(), {}, directory / "scratch-of-source");
    if (sign) source->trust({signing_key.half});
    return drill_from(*source, std::move(stop), std::move(progress));
}

restore::DrillReport DrillFixture::drill_from(restore::SetSource& source, std::stop_token stop,
                                              restore::OnDrillProgress progress) {
    const auto leaves_nothing = [&] { CHECK(fs::is_empty(short_.path())); };
    try {
        auto report = restore::drill(source, "latest", options, progress, std::move(stop));
        leaves_nothing();
        return report;
    } catch (...) {
        leaves_nothing();
        throw;
    }
}

Error DrillFixture::drill_fails() {
    return error_of([&] { drill(); });
}

postgres::Check check_of(const restore::DrillReport& report, const std::string& name) {
    const auto found = std::find_if(report.checks.begin(), report.checks.end(),
                                    [&](const auto& check) { return check.name == name; });
    return found == report.checks.end() ? postgres::Check{} : *found;
}

std::string problems_of(const restore::DrillReport& report) {
    std::string text;
    for (const auto& check : report.checks)
        for (const auto& problem : check.problems)
            text += fmt::format("{}: {}\n", check.name, problem);
    return text;
}

}  // namespace mastobak::test
