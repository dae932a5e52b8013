// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/tools.hpp"

#include <filesystem>
#include <string>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
namespace fs = std::filesystem;

namespace {

void install(const fs::path& directory, const std::string& version) {
    for (const auto* name : {"pg_dump", "pg_restore"}) {
        test::write(directory / name,
                    "#!/bin/sh\necho 'pg_dump (PostgreSQL) " + version + " (Debian x)'\n");
        fs::permissions(directory / name, fs::perms::owner_all);
    }
}

}  // namespace

TEST_CASE("tools of the server's version or newer are taken") {
    const test::TemporaryDirectory bin;
    install(bin.path(), "15.8");
    const auto tools = postgres::find_tools(15, bin.path());
    CHECK(tools.major == 15);
    CHECK(tools.version == "15.8 (Debian x)");
    CHECK(tools.pg_dump == bin / "pg_dump");
    CHECK(postgres::find_tools(14, bin.path()).major == 15);
}

TEST_CASE("tools that are too old or missing are an error that names the package") {
    const test::TemporaryDirectory bin;
    const auto error = [&bin](int major) {
        try {
            postgres::find_tools(major, bin.path());
        } catch (const Error& e) {
            CHECK(e.code() == Errc::environment);
            return std::string(e.what());
        }
        return std::string();
    };
    CHECK(error(16).find("no pg_dump") == 0);
    install(bin.path(), "15.8");
    CHECK(error(16).find("is 15, older than the server's 16; hint: install the package "
                         "postgresql-client-16") != std::string::npos);
}

TEST_CASE("a pg_restore is as new as the dump, and no newer than the server understands") {
    const test::TemporaryDirectory bin;
    install(bin.path(), "15.8");
    CHECK(postgres::find_restore_tools(15, 15, bin.path()).major == 15);
    CHECK(postgres::find_restore_tools(17, 13, bin.path()).major == 15);
    const auto hint = [&bin](int server_major, int pg_dump_major) {
        try {
            postgres::find_restore_tools(server_major, pg_dump_major, bin.path());
        } catch (const Error& error) {
            CHECK(error.code() == Errc::environment);
            return error.hint();
        }
        return std::string();
    };
    const auto package = [](int major) {
        return "install the package postgresql-client-" + std::to_string(major) +
               ", from apt.postgresql.org if this release lacks it";
    };
    CHECK(hint(16, 16) == package(16));
    CHECK(hint(18, 16) == package(18));
    install(bin.path(), "17.1");
    CHECK(postgres::find_restore_tools(17, 16, bin.path()).major == 17);
    CHECK(hint(16, 15) == package(16));
    CHECK(hint(16, 17).find("restore into PostgreSQL 17 or newer") == 0);
}
