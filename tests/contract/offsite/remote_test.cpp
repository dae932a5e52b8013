// SPDX-License-Identifier: GPL-3.0-or-later
//
// The contract of Remote, for the fake and for all real ones.
#include "offsite/remote.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "world.hpp"

using namespace mastobak;
using mastobak::offsite::RemoteObject;

namespace {

const std::string pack = "media/20261122T030000Z-0001.tar";

std::unique_ptr<World> each_world() {
    return make_world(GENERATE(from_range(kinds())));
}

Errc code_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& e) {
        UNSCOPED_INFO(e.what());
        return e.code();
    }
    FAIL("nothing was thrown");
    return {};
}

}  // namespace

TEST_CASE(
    "what is not there is nothing, what was put there is whole, and putting it again is fine") {
    const auto world = each_world();
    INFO(world->kind);
    auto& remote = world->remote();
    const auto object = world->object(pack, std::string(300'000, 'x') + "end");
    CHECK(remote.list("media", {}).empty());
    CHECK_FALSE(remote.stat(object, {}));

    Bytes sent;
    remote.put(object, [&](Bytes bytes) { sent = bytes; }, {});
    CHECK(world->contents(pack) == std::string(300'000, 'x') + "end");
    CHECK(sent >= object.size);
    const auto there = remote.stat(object, {});
    REQUIRE(there);
    CHECK(there->size == object.size);
    using Hash = RemoteObject::Hash;
    CHECK(there->hash == (world->has_hashes() ? Hash::equal : Hash::unknown));
    // The list has only this file: the upload has left no other one.
    CHECK(remote.list("media", {}) ==
          std::map<std::string, Bytes>{{"20261122T030000Z-0001.tar", object.size}});

    bool sent_again = false;
    remote.put(object, [&](Bytes) { sent_again = true; }, {});
    CHECK_FALSE(sent_again);
}

TEST_CASE("another object of the same name is refused and stays as it was") {
    const auto world = each_world();
    INFO(world->kind);
    auto& remote = world->remote();
    const std::string name = "sets/20261122T030000Z/manifest.json";
    remote.put(world->object(name, "first"), {}, {});
    CHECK(code_of([&] { remote.put(world->object(name, "longer than that"), {}, {}); }) ==
          Errc::offsite);
    if (world->has_hashes())
        CHECK(code_of([&] { remote.put(world->object(name, "other"), {}, {}); }) == Errc::offsite);
    CHECK(world->contents(name) == "first");
}

TEST_CASE("a cancelled upload leaves nothing under its name, and the next one succeeds") {
    const auto world = each_world();
    INFO(world->kind);
    std::string text;
    for (int i = 0; text.size() < 4 << 20; ++i) text += std::to_string(i) + "\n";
    const auto object = world->object(pack, text);
    std::stop_source stop;
    const auto stop_it = [&](Bytes bytes) {
        if (bytes.count > 0) stop.request_stop();
    };
    CHECK(code_of([&] { world->slow_remote().put(object, stop_it, stop.get_token()); }) ==
          Errc::cancelled);
    CHECK_FALSE(world->remote().stat(object, {}));
    CHECK_THROWS(world->contents(pack));

    world->remote().put(object, {}, {});
    CHECK(world->contents(pack) == text);
}

TEST_CASE("names that could lead elsewhere are refused") {
    const auto world = each_world();
    INFO(world->kind);
    for (const auto* name : {"", "/etc/x", "../x", "media/../x", "media//x", "media/", "-x",
                             "media/.x", "a b", "a*", "a\nb", "a:b"}) {
        const auto object = world->object(name, "x");
        CHECK(code_of([&] { world->remote().stat(object, {}); }) == Errc::internal);
        CHECK(code_of([&] { world->remote().put(object, {}, {}); }) == Errc::internal);
        CHECK(code_of([&] {
                  world->remote().get({name, {}, {1}}, world->new_file(), {});
              }) == Errc::internal);
        CHECK(code_of([&] { return world->remote().remove({name}, {}); }) == Errc::internal);
    }
}

TEST_CASE("an object can be fetched, whole or in part, with the digest of what came") {
    const auto world = each_world();
    INFO(world->kind);
    std::string text;
    for (int i = 0; text.size() < 3 << 20; ++i) text += std::to_string(i) + "\n";
    const auto object = world->object(pack, text);
    world->remote().put(object, {}, {});
    const std::size_t size = text.size();
    for (const auto& [offset, length] : std::vector<std::pair<std::size_t, std::size_t>>{
             {0, size}, {0, 512}, {1'048'000, 1'100'000}, {size - 1, 1}}) {
        const auto file = world->new_file();
        const auto digest = world->remote().get({pack, {offset}, {length}}, file, {});
        CHECK(test::read(file) == text.substr(offset, length));
        CHECK(digest == sha256_of_file(file));
        std::filesystem::remove(file);
    }
}

TEST_CASE("what cannot be fetched whole leaves no file") {
    const auto world = each_world();
    INFO(world->kind);
    auto& remote = world->remote();
    const auto fetch = [&](const std::string& name, std::uint64_t offset, std::uint64_t length,
                           std::stop_token stop = {}) {
        return code_of([&] { remote.get({name, {offset}, {length}}, world->new_file(), stop); });
    };
    CHECK(fetch(pack, 0, 10) == Errc::offsite);
    remote.put(world->object(pack, "0123456789"), {}, {});
    CHECK(fetch("media/other.tar", 0, 10) == Errc::offsite);
    CHECK(fetch(pack, 0, 11) == Errc::offsite);
    CHECK(fetch(pack, 5, 6) == Errc::offsite);
    std::stop_source stop;
    stop.request_stop();
    CHECK(fetch(pack, 0, 10, stop.get_token()) == Errc::cancelled);
    CHECK_FALSE(std::filesystem::exists(world->new_file()));
}

TEST_CASE("a part is read and handed on in order, and what is not there is not") {
    const auto world = each_world();
    INFO(world->kind);
    auto& remote = world->remote();
    std::string text;
    for (int i = 0; text.size() < 3 << 20; ++i) text += std::to_string(i) + "\n";
    remote.put(world->object(pack, text), {}, {});
    std::string came;
    const auto read = [&](std::uint64_t offset, std::uint64_t length, std::stop_token stop = {}) {
        came.clear();
        remote.read(
            {pack, {offset}, {length}, {text.size()}},
            [&](std::span<const std::byte> block) {
                for (const auto byte : block) came += static_cast<char>(byte);
            },
            stop);
    };
    read(0, text.size());
    CHECK(came == text);
    read(1'048'000, 1'100'000);
    CHECK(came == text.substr(1'048'000, 1'100'000));
    CHECK(code_of([&] { read(text.size() - 5, 6); }) == Errc::offsite);
    std::stop_source stop;
    stop.request_stop();
    CHECK(code_of([&] { read(0, 10, stop.get_token()); }) == Errc::cancelled);
    CHECK(code_of([&] {
              remote.read({"media/other.tar", {}, {1}}, [](auto) {}, {});
          }) == Errc::offsite);
    CHECK(code_of([&] { remote.read({"../x", {}, {1}}, [](auto) {}, {}); }) == Errc::internal);
}

TEST_CASE("hashes count that are computed from the bytes in that moment") {
    const auto world = each_world();
    INFO(world->kind);
    const auto hash = world->remote().hash_of_bytes({});
    const std::map<std::string, std::string> expected{{"rclone local", "sha256"},
                                                      {"rclone to sftp", "md5"},
                                                      {"rsync", "rsync"},
                                                      {"rsync that may only add", "rsync"}};
    const auto known = expected.find(world->kind);
    CHECK(hash == (known == expected.end() ? "" : known->second));
}

TEST_CASE("a remote on a file system reports its free space, and others report none") {
    const auto world = each_world();
    INFO(world->kind);
    world->remote().put(world->object(pack, "x"), {}, {});
    const auto free = world->remote().free_bytes({});
    const std::set<std::string> known{"directory", "rclone crypt", "rclone to sftp"};
    CHECK(free.has_value() == known.contains(world->kind));
    CHECK(free.value_or(Bytes{1}) > Bytes{0});
}

TEST_CASE("a damaged object is replaced by a whole one, and nothing else is left") {
    const auto world = each_world();
    INFO(world->kind);
    if (!world->lets_remove()) return;
    auto& remote = world->remote();
    auto object = world->object(pack, "a pack that is damaged");
    remote.put(object, {}, {});
    const auto whole = world->object(pack, "a pack that is a whole");
    remote.replace(whole, {}, {});
    CHECK(world->contents(pack) == "a pack that is a whole");
    const std::map<std::string, Bytes> one{{"20261122T030000Z-0001.tar", whole.size}};
    CHECK(remote.list("media", {}) == one);
    // replace() also uploads an object that is missing.
    CHECK(remote.remove({pack}, {}).empty());
    remote.replace(whole, {}, {});
    CHECK(remote.list("media", {}) == one);
}

TEST_CASE("what is removed is gone, with the directory of a set, and nothing else is") {
    const auto world = each_world();
    INFO(world->kind);
    if (!world->lets_remove()) return;
    auto& remote = world->remote();
    const std::string set = "sets/20261121T030000Z/", other = "media/20261122T030000Z-0002.tar";
    for (const auto& name : {set + "a", set + "b.zst", pack, other})
        remote.put(world->object(name, name), {}, {});
    const std::set<std::string> one{"20261121T030000Z"};
    CHECK(remote.directories("sets", {}) == one);
    CHECK(remote.directories("other", {}).empty());

    CHECK(remote.remove({set + "a", pack, "media/none.tar", "sets/none/a"}, {}).empty());
    CHECK_THROWS(world->contents(pack));
    CHECK(world->contents(other) == other);
    CHECK(world->contents(set + "b.zst") == set + "b.zst");
    CHECK(remote.directories("sets", {}) == one);
    CHECK(remote.remove({set + "b.zst", pack}, {}).empty());
    CHECK(remote.directories("sets", {}).empty());
    CHECK(remote.list("media", {}) ==
          std::map<std::string, Bytes>{{"20261122T030000Z-0002.tar", {other.size()}}});
    CHECK(remote.remove({set + "b.zst"}, {}).empty());
    CHECK(remote.remove({}, {}).empty());
}

TEST_CASE("a remote that forbids removal keeps what it has and says why") {
    const auto world = each_world();
    INFO(world->kind);
    world->remote().put(world->object(pack, "a pack"), {}, {});
    world->forbid_removal();
    const auto refusal = world->remote().remove({pack}, {});
    INFO(refusal);
    CHECK_FALSE(refusal.empty());
    CHECK(refusal.find('\n') == std::string::npos);
    CHECK(world->contents(pack) == "a pack");
    CHECK(world->remote().remove({"media/none.tar"}, {}).empty());
}

TEST_CASE("a check passes, twice, and leaves nothing among sets and packs") {
    const auto world = each_world();
    INFO(world->kind);
    world->remote().check({});
    world->remote().check({});
    CHECK(world->remote().list("sets", {}).empty());
    CHECK(world->remote().list("media", {}).empty());
}
