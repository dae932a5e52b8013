// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/verify.hpp"

#include "core/error.hpp"
#include "store/staging.hpp"
#include "support/catch.hpp"
#include "support/store_fixture.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

const std::string set = "20261120T030000Z";

struct VerifyFixture : StoreFixture {
    fs::path pack = staging.media() / (set + "-0001.tar");

    VerifyFixture() { publish(set); }

    /// Returns all problems, one per line.
    std::string problems(const store::MemberCheck& members = {}) const {
        std::string all;
        for (const auto& problem : store::verify(staging, set, members, {}).problems)
            all += problem + "\n";
        return all;
    }
    bool found(const std::string& part) const { return problems().find(part) != std::string::npos; }
};

}  // namespace

TEST_CASE_METHOD(VerifyFixture, "a good set has no problems, and all of it was read") {
    const auto report = store::verify(staging, set, {}, {});
    CHECK(report.problems.empty());
    CHECK(report.files == 5);  // manifest, dump, index, RESTORE.md, pack
    CHECK(report.bytes.count > 100);
}

TEST_CASE_METHOD(VerifyFixture, "a bit that flips anywhere is found") {
    for (const auto* name :
         {"database.dump.zst", "media.index.zst", "RESTORE.md", "SHA256SUMS", "manifest.json"}) {
        const auto file = staging.set(set) / name;
        const auto before = read(file);
        auto after = before;
        after[after.size() / 2] = static_cast<char>(after[after.size() / 2] ^ 1);
        write(file, after);
        CAPTURE(name);
        CHECK(problems() != "");
        write(file, before);
    }
    write(pack, "Pack of " + set);
    CHECK(found("'../../media/20261120T030000Z-0001.tar' is not what SHA256SUMS says"));
}

TEST_CASE_METHOD(VerifyFixture, "checksums that cannot be read are one problem, not one a file") {
    const auto sums = staging.set(set) / "SHA256SUMS";
    fs::resize_file(sums, fs::file_size(sums) - 1);
    CHECK(store::verify(staging, set, {}, {}).problems.size() == 1);
}

TEST_CASE_METHOD(VerifyFixture, "files that are missing, cut or strange are found") {
    SECTION("missing artifact") {
        fs::remove(staging.set(set) / "database.dump.zst");
        CHECK(found("'database.dump.zst' is missing"));
    }
    SECTION("missing pack") {
        fs::remove(pack);
        CHECK(found("'../../media/20261120T030000Z-0001.tar' is missing"));
    }
    SECTION("cut pack") {
        write(pack, "");
        CHECK(found("has 0 bytes, but the manifest says 24"));
    }
    SECTION("stranger") {
        write(staging.set(set) / "core", "x");
        CHECK(found("'core' does not belong to the set"));
    }
    SECTION("symlink in place of a file") {
        fs::rename(staging.set(set) / "RESTORE.md", directory / "elsewhere");
        fs::create_symlink(directory / "elsewhere", staging.set(set) / "RESTORE.md");
        CHECK(found("'RESTORE.md' is not a regular file"));
    }
    SECTION("missing SHA256SUMS") {
        fs::remove(staging.set(set) / "SHA256SUMS");
        CHECK(found("SHA256SUMS': No such file"));
    }
    SECTION("missing manifest") {
        fs::remove(staging.set(set) / "manifest.json");
        CHECK(found("manifest.json"));
    }
    SECTION("no such set") {
        fs::remove_all(staging.set(set));
        CHECK(problems() == "there is no such set\n");
    }
}

TEST_CASE_METHOD(VerifyFixture, "SHA256SUMS and manifest have to name the same files") {
    const auto file = staging.set(set) / "SHA256SUMS";
    const auto sums = read(file);
    SECTION("one line less") {
        write(file, sums.substr(0, sums.rfind('\n', sums.size() - 2) + 1));
        CHECK(found("SHA256SUMS lacks '../../media/"));
    }
    SECTION("one line more") {
        write(staging.set(set) / "extra", "");
        write(file, sums + to_hex(digest("")) + "  extra\n");
        CHECK(found("SHA256SUMS has 'extra', which the manifest does not know"));
    }
    SECTION("a line that leads elsewhere") {
        write(file, sums + to_hex(digest("")) + "  ../../../secret\n");
        CHECK(found("line 6 of"));
    }
}

TEST_CASE_METHOD(VerifyFixture, "the check of members is asked, and its findings are reported") {
    const auto members = [&](const store::Staging& where, const store::Manifest& manifest,
                             const std::set<std::string>&, std::stop_token) {
        CHECK(where.index(manifest).whole == staging.set(set) / "media.index.zst");
        CHECK(where.media() == staging.media());
        return std::vector<std::string>{"a member is damaged"};
    };
    CHECK(problems(members) == "a member is damaged\n");
}

TEST_CASE_METHOD(VerifyFixture, "verification can be cancelled") {
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(store::verify(staging, set, {}, stop.get_token()), Error);
}
