// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <string>

#include "core/error.hpp"
#include "postgres/dump.hpp"
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
