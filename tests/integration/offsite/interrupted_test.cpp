// SPDX-License-Identifier: GPL-3.0-or-later
//
// Servers that fail in the middle of an upload, and start again.
#include <thread>

#include "core/error.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "support/catch.hpp"
#include "support/offsite_servers.hpp"
#include "support/staged_set.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

/// Uploads 4 MiB at 1 MiB/s to a server that is stopped as soon as a part of the upload has
/// arrived.
void interrupt(config::Remote entry, SshServer& server, const offsite::Object& object) {
    entry.bandwidth = Bytes{1 << 20};
    const auto remote = offsite::make_remote(entry, object.file.parent_path() / "scratch");
    std::jthread killer;
    const auto kill = [&](Bytes sent) {
        if (sent.count > 0 && !killer.joinable()) killer = std::jthread([&] { server.stop(); });
    };
    CHECK_THROWS_AS(remote->put(object, kill, {}), Error);
    REQUIRE(killer.joinable());
}

}  // namespace

TEST_CASE("what a server had got when it died is not visible, and its successor gets all of it") {
    const bool with_rsync = GENERATE(false, true);
    CAPTURE(with_rsync);
    const TemporaryDirectory here;
    const TemporaryDirectory there;
    SshServer server;
    const auto entry = with_rsync ? server.rsync(there.path().native())
                                  : rclone_remote(here.path(), server.rclone_section("box"),
                                                  "box:" + there.path().native());
    const std::string text(4 << 20, 'x');
    write(here / "x.tar", text);
    const auto object = object_of(here / "x.tar", "media/x.tar");

    interrupt(entry, server, object);
    CHECK_FALSE(fs::exists(there / "media/x.tar"));

    server.start();
    const auto remote = offsite::make_remote(entry, here / "scratch");
    remote->put(object, {}, {});
    CHECK(read(there / "media/x.tar") == text);
    CHECK(remote->list("media", {}).size() == 1);
    CHECK_FALSE(fs::exists(there / "media/.mastobak-partial"));
}

TEST_CASE("a repair in a directory works where an earlier one was interrupted") {
    const TemporaryDirectory files;
    config::Remote entry;
    entry.name = "disk";
    entry.type = config::RemoteType::directory;
    entry.target = (files / "disk").native();
    const auto remote = offsite::make_remote(entry, files / "scratch");
    write(files / "disk/media/x.tar", "damaged");
    write(files / "disk/media/.x.tar.damaged", "what the earlier repair had copied");
    write(files / "x.tar", "intact");
    remote->replace(object_of(files / "x.tar", "media/x.tar"), {}, {});
    CHECK(read(files / "disk/media/x.tar") == "intact");
    CHECK_FALSE(fs::exists(files / "disk/media/.x.tar.damaged"));
}
