// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/adopt_remote_set.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "backup/database/fetch_base.hpp"
#include "core/files/files.hpp"
#include "restore/source/verify_dump.hpp"
#include "small_staging.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/formats/signature.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

/// A host that has a set at two remotes, and then loses its staging and state.
struct NewMachine : SmallStaging {
    NewMachine() {
        add_files(1200, 1000);  // enough for later sets to share the index
        add_remote("a");
        add_remote("b");
        first = back_up();
        REQUIRE(upload().empty());
        fs::remove_all(staging.root());
        const auto key = store::secret_key_file(config.state_directory);
        const auto kept = read_file(key);
        fs::remove_all(config.state_directory);
        make_directories(config.state_directory);
        write_file(key, kept);  // the admin has a copy
        staging.prepare();
        // Like after a restore: the same files with a new ctime.
        for (const auto& file : fs::recursive_directory_iterator(directory / "system"))
            REQUIRE(::chmod(file.path().c_str(), file.is_directory() ? 0750 : 0640) == 0);
    }

    std::optional<backup::AdoptedSet> adopt() {
        warnings.clear();
        return backup::adopt_remote_set(config, {}, warnings, {});
    }
    fs::path set_at(const std::string& remote) const { return target(remote) / "sets" / first.set; }
    fs::path base_at(const std::string& remote) const {
        return target(remote) / store::shared_path(first.database.base.value().name);
    }
    bool nothing_is_visible() const { return staging.list().empty() && packs_here().empty(); }

    store::Manifest first;
    std::vector<std::string> warnings;
};

}  // namespace

TEST_CASE_METHOD(NewMachine,
                 "a new machine goes on from what a remote has, and uploads it not again") {
    const auto taken = adopt();
    REQUIRE(taken);
    CHECK(taken->remote == "a");
    CHECK(taken->manifest.set == first.set);
    CHECK(warnings == std::vector<std::string>{});
    const auto report = store::verify(staging, first.set, &restore::verify_members, {});
    CHECK(report.problems == std::vector<std::string>{});
    CHECK(report.away.size() == first.media.packs.size());
    CHECK_FALSE(adopt());
    CHECK(fs::exists(staging.shared(first.media.index_base.value().name)));
    // The next dump is a difference from the base.
    CHECK(fs::exists(staging.shared(first.database.base.value().name)));

    add_files(2, 1000);
    const auto next = back_up();
    CHECK(next.media.files == 1202);
    CHECK(next.media.new_files == 2);
    CHECK(store::has_difference(next));
    // Each line has another ctime, so the index is a new base.
    CHECK(next.media.index_base.value().name == store::index_name(next.set));
    CHECK(upload() == std::vector<std::string>{});
    for (const auto* remote : {"a", "b"}) {
        CHECK(packs_at(remote).size() == first.media.packs.size() + 1);
        CHECK(damage(target(remote)).empty());
    }
}

TEST_CASE_METHOD(NewMachine, "the first remote that has a whole set serves") {
    SECTION("a manifest that is damaged") {
        write(set_at("a") / "manifest.json", "{");
    }
    SECTION("a file that is cut") {
        fs::resize_file(base_at("a"), 100);
    }
    SECTION("a file whose contents have changed") {
        auto dump = read(base_at("a"));
        std::ranges::reverse(dump);
        dump[0] = 'x';
        write(base_at("a"), dump);
    }
    SECTION("a base that is missing") {
        fs::remove(base_at("a"));
    }
    SECTION("a pack that is missing") {
        fs::remove(target("a") / "media" / first.media.packs[0].name);
    }
    SECTION("a remote that cannot be reached") {
        fs::remove_all(target("a"));
        write(target("a"), "no directory");
    }
    const auto taken = adopt();
    REQUIRE(taken);
    CHECK(taken->remote == "b");
    CHECK(damage(staging.root()).empty());
}

TEST_CASE_METHOD(NewMachine,
                 "where no set can be taken over nothing is visible, and all is packed") {
    for (const auto* remote : {"a", "b"}) write(base_at(remote), std::string(10'000, 'x'));
    CHECK_FALSE(adopt());
    CHECK(warnings.size() == 2);
    CHECK(nothing_is_visible());
    CHECK(back_up().media.new_files == 1200);
}

TEST_CASE_METHOD(NewMachine, "a set is not taken over if staging lacks the room for its files") {
    config.staging.max_size = Bytes{1000};
    CHECK_FALSE(adopt());
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].find("staging.max_size") != std::string::npos);
    CHECK(nothing_is_visible());
}

TEST_CASE_METHOD(SmallStaging, "a damaged index that sets share is fetched from a remote") {
    add_files(1200, 1000);
    add_remote("a");
    add_remote("b");
    const auto first = back_up();
    const auto second = back_up();
    REQUIRE(upload().empty());
    const auto base = second.media.index_base.value();
    const auto file = staging.shared(base.name);
    std::vector<std::string> warnings;
    const auto heal = [&] { backup::heal_index_base(config, warnings, {}); };
    heal();
    CHECK(warnings.empty());
    SECTION("missing") {
        fs::remove(file);
    }
    SECTION("of the same size") {
        write(file, std::string(base.size.count, 'x'));
    }
    SECTION("damaged at the first remote, too") {
        write(file, "x");
        write(target("a") / "media" / base.name, std::string(base.size.count, 'x'));
    }
    heal();
    CHECK(sha256_of_file(file) == base.sha256);
    CHECK(warnings.back().find("fetched again from the remote") != std::string::npos);
    CHECK(damage(staging.root()).empty());
    // The next run does not pack anything again.
    CHECK(back_up().media.new_files == 0);

    // If no remote has it, all media are packed again.
    for (const auto* remote : {"a", "b"}) fs::remove(target(remote) / "media" / base.name);
    fs::remove(file);
    warnings.clear();
    heal();
    CHECK(warnings.size() == 2);
    const auto later = back_up();
    CHECK(later.media.new_files == 1200);
    CHECK(later.media.index_base.value().name != base.name);
}
