// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include "core/files/files.hpp"
#include "core/process/process.hpp"
#include "integration/postgres/fixture.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using test::PostgresServer;

namespace {

namespace fs = std::filesystem;

/// A database that pg_dump dumps twice: to a file, in which it notes offsets at the end, and to a
/// pipe, where it cannot.
struct DumpedTwice {
    test::TemporaryDirectory directory;
    fs::path file = directory / "file", piped = directory / "piped";

    static void make_database() {
        const auto& server = PostgresServer::shared();
        server.create_mastodon("offsets");
        server.psql("offsets", R"(
            INSERT INTO accounts (username, created_at, updated_at)
                SELECT 'user' || n, now(), now() FROM generate_series(1, 5000) n;
            SELECT lo_from_bytea(0, 'a large object'), lo_from_bytea(0, decode(repeat('00', 9000), 'hex'));
        )");
    }
    DumpedTwice() {
        static const bool made = (make_database(), true);
        static_cast<void>(made);
        dump({"--file", file}, {});
        std::ofstream pipe(piped, std::ios::binary);
        dump({}, [&](std::span<const std::byte> block) {
            pipe.write(reinterpret_cast<const char*>(block.data()),
                       static_cast<std::streamsize>(block.size()));
        });
    }

    static void dump(std::vector<std::string> more, decltype(Command::on_output) on_output) {
        Command command{.argv = {PostgresServer::shared().bin() / "pg_dump", "-Fc", "-Z0"},
                        .environment = test::settings_of("offsets").environment(),
                        .on_output = std::move(on_output)};
        command.argv.insert(command.argv.end(), more.begin(), more.end());
        REQUIRE(run(command).ok());
    }
    static std::string contents(const fs::path& path) {
        return read_file(path, Errc::internal, Bytes{std::uint64_t{1} << 30});
    }
    /// Removes the time of the dump.
    static std::string timeless(const fs::path& path) {
        constexpr std::size_t head = 11, level_and_date = 8 * 5;
        return contents(path).replace(head, level_and_date, "");
    }
};

}  // namespace

TEST_CASE_METHOD(DumpedTwice, "places that are noted afterwards are those that pg_dump notes") {
    REQUIRE(timeless(piped) != timeless(file));
    CHECK(postgres::add_data_offsets(piped, {}) > 100);
    CHECK(timeless(piped) == timeless(file));
    CHECK(postgres::add_data_offsets(piped, {}) == 0);  // the file has offsets already
}

TEST_CASE_METHOD(DumpedTwice, "a dump that is damaged is left as it is, wherever it is truncated") {
    const auto whole = contents(piped);
    for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 97) {
        CAPTURE(size);
        fs::resize_file(piped, 0);
        std::ofstream(piped, std::ios::binary) << whole.substr(0, size);
        CHECK(postgres::add_data_offsets(piped, {}) == 0);
        REQUIRE(contents(piped) == whole.substr(0, size));
    }
}

TEST_CASE_METHOD(DumpedTwice, "noting places can be cancelled, and leaves the dump as it is") {
    const auto before = contents(piped);
    std::stop_source stop;
    stop.request_stop();
    CHECK(test::error_of([&] { postgres::add_data_offsets(piped, stop.get_token()); }).code() ==
          Errc::cancelled);
    CHECK(contents(piped) == before);
}
