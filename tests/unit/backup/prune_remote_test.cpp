// SPDX-License-Identifier: GPL-3.0-or-later
//
// The removal of sets and packs from a remote: what is removed, in which order, and what is kept.
#include "backup/retention/prune_remote.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "backup/retention/prune.hpp"
#include "backup/retention/remote_signing.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "offsite/history.hpp"
#include "offsite/objects_of_set.hpp"
#include "offsite/worker.hpp"
#include "store/formats/signature.hpp"
#include "support/catch.hpp"
#include "support/fake_remote.hpp"
#include "support/store_fixture.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

const std::string first = "20201120T030000Z";
const std::string second = "20201121T030000Z";
const std::string third = "20201122T030000Z";
const std::string later = "20201123T030000Z";

std::string pack_of(const std::string& set) {
    return "media/" + set + "-0001.tar";
}

std::string manifest_of(const std::string& set) {
    return fmt::format("sets/{}/manifest.json", set);
}

/// Three sets here and at a remote, whose policy keeps the newest one. The second set also needs
/// the pack of the first, and the third set also needs that of the second.
struct ThreeSets : StoreFixture {
    config::Config config;
    FakeRemote remote{"disk"};

    ThreeSets() {
        config.staging.path = staging.root();
        config.state_directory = directory / "state";
        make_directories(config.state_directory);
        key = store::make_keys(config.state_directory, staging).own;
        auto& entry = config.offsite.emplace_back();
        entry.name = "disk";
        entry.retention = config::Retention{};
        entry.retention->daily = 1;
        entry.retention->weekly = entry.retention->monthly = 0;
        entry.retention->minimum = 1;
        const auto one = publish(first);
        const auto two = publish(second, one.media.packs);
        publish(third, {two.media.packs.back()});
        for (const auto& set : {first, second, third}) copy(set);
        offsite::History history(offsite::history_file(config.state_directory));
        history.of("disk").newest_set = third;
        history.of("disk").completed_at = SystemClock().now();
        history.save();
    }

    void copy(const std::string& set) {
        for (const auto& object : offsite::objects_of_set(staging.root(), set))
            remote.put(object, {}, {});
    }
    backup::PruneReport prune(bool dry_run = false) {
        return backup::prune_remote(config, config.offsite.front(), remote, SystemClock().now(),
                                    {.dry_run = dry_run, .unsent = false}, {});
    }
    void forget_here(const std::string& set) const { fs::remove_all(staging.set(set)); }

    /// Returns the names of the remote's objects that are packs, or that have this prefix.
    Names packs() const { return objects("media/"); }
    Names objects(const std::string& prefix) const {
        Names names;
        for (const auto& [name, text] : remote.objects())
            if (name.starts_with(prefix)) names.push_back(name);
        return names;
    }
    /// Returns the visible sets at the remote that miss an object.
    Names incomplete() const {
        Names sets;
        for (const auto& set : {first, second, third})
            if (remote.objects().contains(manifest_of(set)))
                for (const auto& object : offsite::objects_of_set(staging.root(), set))
                    if (!remote.objects().contains(object.name)) sets.push_back(set);
        return sets;
    }
};

}  // namespace

TEST_CASE_METHOD(ThreeSets,
                 "sets go from a remote by its policy, and packs that none there needs") {
    const auto dry = prune(true);
    CHECK(dry.sets_gone() == 2);
    CHECK(incomplete().empty());
    CHECK(objects("sets/").size() > objects("sets/" + third).size());

    const auto report = prune();
    CHECK(report.sets_gone() == 2);
    CHECK(report.shared == Names{pack_of(first)});
    CHECK(report.freed == dry.freed);
    CHECK(report.warnings.empty());
    CHECK(packs() == Names{pack_of(second), pack_of(third)});
    CHECK(objects("sets/") == objects("sets/" + third));
    CHECK(incomplete().empty());
    CHECK(prune().sets_gone() == 0);
}

TEST_CASE_METHOD(ThreeSets,
                 "wherever a removal ends, no set is seen half removed, and the rest "
                 "goes the next time") {
    Names left;
    for (int step = 0;; ++step) {
        for (const auto& set : {first, second}) copy(set);
        remote.fail(1, "connection refused", step);
        bool failed = false;
        try {
            prune();
        } catch (const Error& error) {
            failed = true;
            CHECK(error.code() == Errc::offsite);
        }
        INFO("step " << step);
        CHECK(incomplete().empty());
        remote.fail(0);
        prune();
        if (left.empty()) left = objects("");
        CHECK(objects("") == left);
        if (!failed) break;
    }
    CHECK(packs() == Names{pack_of(second), pack_of(third)});
}

TEST_CASE_METHOD(ThreeSets, "sets that are not here any more are read there") {
    for (const auto& set : {first, second}) forget_here(set);
    CHECK(prune().shared == Names{pack_of(first)});
    const auto calls = remote.calls();
    CHECK(std::count(calls.begin(), calls.end(), "get " + manifest_of(first)) == 1);
    CHECK(std::count(calls.begin(), calls.end(), "get " + manifest_of(third)) == 0);
}

TEST_CASE_METHOD(ThreeSets,
                 "of a set there that is damaged, all packs stay that one of its lists names") {
    auto text = remote.objects().at(manifest_of(second));
    forget_here(second);
    const auto change = GENERATE(0, 1, 2);
    // A truncated manifest; another name of a pack, as after a disk error; a manifest without
    // checksums.
    if (change == 0) text.resize(text.size() / 2);
    if (change == 1) text.replace(text.find(first + "-0001"), 21, first + "-0007");
    if (change == 2) remote.lose(fmt::format("sets/{}/SHA256SUMS", second));
    remote.set(manifest_of(second), text);
    const auto report = prune();
    CHECK(report.shared.empty());
    CHECK(packs().size() == 3);
    CHECK(report.warnings.size() == 1);
    CHECK(report.sets_gone() == 1);
    CHECK(remote.objects().contains(manifest_of(second)));
}

TEST_CASE_METHOD(ThreeSets, "what was left half way goes, but not what may be on its way there") {
    remote.set("sets/20201101T030000Z/a", "x");
    remote.set(pack_of("20201101T030000Z"), "x");
    remote.set("sets/" + later + "/a", "x");
    remote.set(pack_of(later), "x");
    remote.set("media/of-somebody-else.tar", "x");
    remote.set("sets/of-somebody-else/a", "x");
    // A remote cannot remove this name (split_name()), and must not fail because of it.
    remote.set("sets/20201101T030000Z/b of somebody else", "x");
    prune();
    CHECK(objects("sets/20201101") == Names{"sets/20201101T030000Z/b of somebody else"});
    CHECK(packs() ==
          Names{pack_of(second), pack_of(third), pack_of(later), "media/of-somebody-else.tar"});
    CHECK(objects("sets/" + later).size() == 1);
    CHECK(objects("sets/of").size() == 1);
}

TEST_CASE_METHOD(ThreeSets, "a pack that a set here needs and only remotes have stays there") {
    fs::remove(staging.root() / pack_of(first));
    CHECK(prune().shared.empty());
    CHECK(packs().size() == 3);
    forget_here(first);
    forget_here(second);
    CHECK(prune().shared == Names{pack_of(first)});
}

TEST_CASE_METHOD(ThreeSets, "a remote that forbids removal keeps everything, which is no failure") {
    remote.forbid_removal("append-only");
    const auto before = remote.objects();
    const auto report = prune();
    CHECK(report.refusal == "append-only");
    CHECK(report.error.empty());
    CHECK(report.warnings.empty());
    CHECK(report.sets_gone() == 0);
    CHECK(report.freed == Bytes{});
    auto after = remote.objects();
    after.erase(backup::public_key_name(key->half));
    CHECK(after == before);
    const auto calls = remote.calls();
    CHECK(std::count_if(calls.begin(), calls.end(),
                        [](const auto& call) { return call.starts_with("remove"); }) == 1);
}

TEST_CASE_METHOD(ThreeSets,
                 "sets that others add to a remote remove none of ours, and block nothing") {
    const auto copy_as = [&](const std::string& of, const std::string& name) {
        const auto prefix = "sets/" + of + "/";
        for (const auto& [object, text] : remote.objects())
            if (object.starts_with(prefix))
                remote.set("sets/" + name + "/" + object.substr(prefix.size()), text);
    };
    // Copies of a signed set with many times in the name, also one minute after each of our sets.
    const Names added{"20201120T030100Z", "20201121T030100Z", "20201122T030100Z",
                      "21991231T235959Z"};
    for (const auto& name : added) copy_as(third, name);
    for (const auto* name : {"99991231T235959Z", "30000630T000000Z", "26000630T000000Z"})
        copy_as(third, name);
    // An intact set that another host has made.
    key = signify::generate();
    publish("20201123T040000Z");
    copy("20201123T040000Z");
    forget_here("20201123T040000Z");
    remote.set("sets/20201124T030000Z/manifest.json", "garbage");
    remote.set("sets/20201124T030000Z/SHA256SUMS", "garbage");
    remote.set("sets/20201124T030000Z/SHA256SUMS.sig", std::string(5000, 'x'));

    const auto report = prune();
    CHECK(report.error.empty());
    Names gone;
    for (const auto& decision : report.decisions)
        if (!decision.kept) gone.push_back(decision.set);
    CHECK(gone == Names{first, second});  // the same sets as without the copies
    CHECK_FALSE(objects(manifest_of(third)).empty());
    for (const auto& name : added) CHECK_FALSE(objects(manifest_of(name)).empty());
    CHECK_FALSE(objects(manifest_of("20201124T030000Z")).empty());
    CHECK_FALSE(report.shared.empty());
    CHECK(report.warnings.size() == 1);
}

TEST_CASE_METHOD(ThreeSets, "what others add to a remote is read up to a limit, and kept") {
    std::string lines;
    while (lines.size() < std::size_t{15} << 20)
        lines += fmt::format("{:0>64}  media/20200101T000000Z-{:04}.tar\n", 0, lines.size() % 9999);
    const auto manifest = remote.objects().at(manifest_of(third));
    const auto add = [&](int day) {
        const auto set = fmt::format("sets/202012{:02}T030000Z/", day);
        remote.set(set + "SHA256SUMS", lines);
        remote.set(set + "manifest.json", manifest);
    };
    for (int day = 1; day <= 9; ++day) add(day);
    const auto fetched = [&] {
        const auto before = remote.calls().size();
        const auto report = prune();
        const auto calls = remote.calls();
        CHECK(report.shared.empty());
        CHECK(std::ranges::any_of(report.warnings, [](const auto& warning) {
            return warning.find("not ours have more than 64.0 MiB") != std::string::npos;
        }));
        return std::count_if(calls.begin() + std::ptrdiff_t(before), calls.end(),
                             [](const auto& call) { return call.starts_with("get sets/202012"); });
    };
    // SHA256SUMS and the manifest of five sets, and no object of the others.
    CHECK(fetched() <= 10);
    CHECK(objects("sets/202012").size() == 18);
    // Our sets are in staging, so the policy applies to them.
    CHECK(objects("sets/" + first).empty());

    for (int number = 0; number < 5000; ++number)
        remote.set(fmt::format("sets/20190101T{:02}{:02}{:02}Z/a", number / 3600, number / 60 % 60,
                               number % 60),
                   "x");
    const auto before = remote.calls().size();
    CHECK_THROWS_WITH(prune(),
                      "the remote 'disk' has 5010 sets, more than 5000; hint: remove by "
                      "hand those that are not yours");
    CHECK(remote.calls().size() < before + 10);
}

TEST_CASE_METHOD(ThreeSets,
                 "a set that came to a remote before sets were signed gets its signature") {
    for (const auto& set : {first, second, third}) remote.lose("sets/" + set + "/SHA256SUMS.sig");
    const auto report = prune();
    CHECK(report.warnings == Names{});
    CHECK(report.sets_gone() == 2);
    CHECK_FALSE(objects("sets/" + third + "/SHA256SUMS.sig").empty());
}

TEST_CASE_METHOD(ThreeSets, "the public half of the key is at a remote, once, beside the sets") {
    CHECK(prune(true).warnings == Names{});
    CHECK(objects("mastobak-").empty());
    prune();
    const auto name = backup::public_key_name(key->half);
    CHECK(objects("mastobak-") == Names{name});
    CHECK(signify::parse_public_key(remote.objects().at(name)) == key->half);
    CHECK(prune().warnings == Names{});
    const auto uploaded = remote.uploaded();
    CHECK(std::ranges::count(uploaded, name) == 1);

    // A foreign object with this name is kept, and a warning reports it.
    remote.set(name, "something else");
    CHECK(prune().warnings.size() == 1);
    CHECK(remote.objects().at(name) == "something else");
}

TEST_CASE_METHOD(ThreeSets, "a set from before sets were signed counts once it is adopted") {
    const auto signature = "sets/" + first + "/SHA256SUMS.sig";
    const auto scratch = directory / "scratch";
    const auto adopt = [&] {
        backup::adopt(remote, backup::find_unsigned_set(remote, first, scratch, {}), *key, scratch,
                      {});
    };
    const auto decision = [&] { return prune(true).decisions.front(); };
    CHECK_THROWS_WITH(adopt(), Catch::Matchers::Contains("has a signature"));
    remote.lose(signature);
    forget_here(first);
    CHECK(decision().kept);  // because no key of this host has signed it
    adopt();
    CHECK_FALSE(decision().kept);
    CHECK(fs::is_empty(scratch));

    // A set that does not match its own checksums is not signed.
    remote.lose(signature);
    remote.set(manifest_of(first), remote.objects().at(manifest_of(second)));
    CHECK_THROWS_WITH(adopt(), Catch::Matchers::Contains("is not what"));
    CHECK_THROWS_AS(backup::find_unsigned_set(remote, "20190101T000000Z", scratch, {}), Error);
    CHECK_THROWS_AS(backup::find_unsigned_set(remote, "../sets", scratch, {}), Error);
    CHECK(objects(signature).empty());
}
