// SPDX-License-Identifier: GPL-3.0-or-later
//
// The errors that an admin sees when a remote fails.
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/directory_remote.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/http_answers.hpp"
#include "support/offsite_servers.hpp"
#include "support/staged_set.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

struct Failure {
    Errc code;
    std::string text;
    std::string hint;
};

SshServer& ssh() {
    static SshServer server;
    return server;
}

class Upload {
 public:
    Upload() { write(files_ / "x.tar", "contents"); }
    std::filesystem::path directory() const { return files_.path(); }

    /// Returns the failure of check(), which must equal that of an upload.
    Failure failure(const config::Remote& entry) const {
        const auto remote = offsite::make_remote(entry, files_ / "scratch");
        const auto object = object_of(files_ / "x.tar", "media/x.tar");
        const auto checked = failure_of([&] { remote->check({}); });
        const auto put = failure_of([&] { remote->put(object, {}, {}); });
        CHECK(checked.code == Errc::offsite);
        CHECK(put.code == Errc::offsite);
        CHECK(checked.hint == put.hint);
        return put;
    }

 private:
    template <typename Work>
    static Failure failure_of(Work work) {
        try {
            work();
        } catch (const Error& e) {
            UNSCOPED_INFO(e.what());
            return {e.code(), e.text(), e.hint()};
        }
        FAIL("nothing was thrown");
        return {};
    }

    TemporaryDirectory files_;
};

/// A read-only directory, like /etc for the daemon.
class ReadOnly {
 public:
    explicit ReadOnly(std::filesystem::path path) : path_(std::move(path)) {
        REQUIRE(::mount(path_.c_str(), path_.c_str(), nullptr, MS_BIND, nullptr) == 0);
        REQUIRE(::mount(nullptr, path_.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY,
                        nullptr) == 0);
    }
    ~ReadOnly() { ::umount2(path_.c_str(), MNT_DETACH); }
    ReadOnly(const ReadOnly&) = delete;
    ReadOnly& operator=(const ReadOnly&) = delete;

 private:
    const std::filesystem::path path_;
};

}  // namespace

TEST_CASE("a configuration that rclone may not write to costs no seconds a call") {
    const TemporaryDirectory files;
    const auto etc = files / "etc";
    make_directories(etc);
    make_directories(files / "there/sets");
    // rclone writes facts about an sftp server to this directory, and retries that for about 5 s.
    const auto entry =
        rclone_remote(etc, ssh().rclone_section("box"), "box:" + (files / "there").native());
    const ReadOnly read_only(etc);
    const auto remote = offsite::make_remote(entry, files / "scratch");
    for (int call = 0; call < 2; ++call) {
        const auto begun = std::chrono::steady_clock::now();
        CHECK(remote->list("sets", {}).empty());
        CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(4));
    }
}

TEST_CASE("rsync refuses a server whose host key is not the known one") {
    const Upload upload;
    auto entry = ssh().rsync((upload.directory() / "there").native());
    entry.known_hosts = ssh().wrong_known_hosts();
    CHECK(says(upload.failure(entry).hint, "host key"));
    CHECK_FALSE(exists(upload.directory() / "there"));
}

TEST_CASE("a server whose words have no end and no line end is given up, with one short line") {
    const Upload upload;
    const auto one_line = [&](const SshServer& server) {
        const auto began = std::chrono::steady_clock::now();
        const auto failure = upload.failure(server.rsync("/nowhere"));
        CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(30));
        CHECK(failure.text.size() < 1000);
        CHECK(failure.text.find('\n') == failure.text.npos);
    };
    // More than any line of a program, and more than the part of its output that is kept.
    const std::string endless = "yes xxxxxxxx | tr -d '\\n' | head -c 64M";
    SECTION("for people") {
        one_line(SshServer(endless + " >&2"));
    }
    SECTION("for rsync") {
        one_line(SshServer(endless));
    }
}

TEST_CASE("an account whose .bashrc prints something is an error that says so") {
    const Upload upload;
    const std::string bashrc = "echo Welcome to the box, and mind the step\n";
    const auto at = (upload.directory() / "there").native();
    const auto of_rclone = [&](const SshServer& server) {
        return upload.failure(
            rclone_remote(upload.directory(), server.rclone_section("box"), "box:" + at));
    };
    SECTION("rsync") {
        CHECK(says(upload.failure(SshServer("", bashrc).rsync(at)).hint, "~/.bashrc"));
    }
    SECTION("rclone, whose protocol it breaks") {
        const SshServer server("", bashrc, "/usr/lib/openssh/sftp-server");
        CHECK(says(of_rclone(server).hint, "~/.bashrc"));
    }
    SECTION("rclone, which takes the words for a hash") {
        const auto failure = of_rclone(SshServer("", bashrc));
        CHECK(says(failure.text, "\"welcome\""));
        CHECK(says(failure.hint, "~/.bashrc"));
    }
}

TEST_CASE("rclone refuses a server whose host key is not the known one") {
    const Upload upload;
    auto section = ssh().rclone_section("box");
    section.replace(section.find(ssh().known_hosts().native()), ssh().known_hosts().native().size(),
                    ssh().wrong_known_hosts().native());
    const auto entry =
        rclone_remote(upload.directory(), section, "box:" + upload.directory().native() + "/there");
    CHECK(says(upload.failure(entry).hint, "host key"));
    CHECK_FALSE(exists(upload.directory() / "there"));
}

TEST_CASE("an sftp remote that would accept any host key is refused, also behind crypt") {
    const Upload upload;
    const auto entry = rclone_remote(upload.directory(),
                                     "[box]\ntype = sftp\nhost = 127.0.0.1\n"
                                     "[secret]\ntype = crypt\nremote = box:there\npassword = x\n",
                                     "secret:");
    const auto failure = upload.failure(entry);
    CHECK(says(failure.text, "'box'"));
    CHECK(says(failure.hint, "known_hosts_file"));
}

TEST_CASE("an account that does not take our key is told from a server that is not there") {
    const Upload upload;
    auto entry = ssh().rsync(upload.directory().native());
    const SshServer other;
    entry.identity_file = other.identity();
    CHECK(says(upload.failure(entry).hint, "credentials"));
    entry = ssh().rsync(upload.directory().native());
    entry.port = free_port();
    CHECK(says(upload.failure(entry).hint, "remote up"));
}

TEST_CASE("rclone's wrong password, missing section, dead server, missing file each have a hint") {
    const Upload upload;
    const WebDavServer server(upload.directory());
    const auto wrong =
        rclone_remote(upload.directory(), server.rclone_section("dav", "wrong"), "dav:x");
    CHECK(says(upload.failure(wrong).hint, "credentials"));
    auto elsewhere = wrong;
    elsewhere.target = "nobody:x";
    CHECK(says(upload.failure(elsewhere).hint, "listremotes"));
    elsewhere.rclone_config = upload.directory() / "no.conf";
    CHECK(says(upload.failure(elsewhere).hint, "rclone_config"));
}

TEST_CASE("rclone uses the proxy that the environment of the unit names") {
    HttpAnswers proxy({"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"});
    ::setenv("http_proxy", fmt::format("http://127.0.0.1:{}", proxy.port()).c_str(), 1);
    const TemporaryDirectory files;
    const auto entry = rclone_remote(
        files.path(), "[dav]\ntype = webdav\nurl = http://backup.example/dav\nvendor = other\n",
        "dav:x");
    const auto remote = offsite::make_remote(entry, files / "scratch");
    CHECK_THROWS_AS(remote->list("sets", {}), Error);
    ::unsetenv("http_proxy");
    CHECK(says(proxy.asked().at(0), " http://backup.example/dav/"));
}

TEST_CASE("rsync copies to a server with an address of IPv6") {
    const TemporaryDirectory files;
    write(files / "x.tar", "contents");
    auto entry = ssh().rsync((files / "there").native());
    entry.target.replace(entry.target.find("127.0.0.1"), 9, "[::1]");
    const auto remote = offsite::make_remote(entry, files / "scratch");
    remote->check({});
    remote->put(object_of(files / "x.tar", "media/x.tar"), {}, {});
    CHECK(test::read(files / "there/media/x.tar") == "contents");
    CHECK(remote->list("media", {}).size() == 1);
}

TEST_CASE("a dead object store is given up within seconds") {
    const Upload upload;
    const auto entry = rclone_remote(
        upload.directory(),
        "[s3]\ntype = s3\nprovider = Other\naccess_key_id = a\nsecret_access_key = b\nendpoint = "
        "http://127.0.0.1:" +
            std::to_string(free_port()) + "\n",
        "s3:bucket");
    const auto begin = std::chrono::steady_clock::now();
    const auto failure = upload.failure(entry);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
    CHECK(says(failure.text, "connection refused"));
    CHECK(says(failure.hint, "remote up"));
}

TEST_CASE("a disk that has to be mounted is not filled while it is not") {
    const Upload upload;
    config::Remote entry;
    entry.name = "disk";
    entry.type = config::RemoteType::directory;
    entry.target = upload.directory() / "mnt" / "backup";
    entry.mounted = true;
    CHECK(says(upload.failure(entry).hint, "mount the disk"));
    CHECK_FALSE(exists(upload.directory() / "mnt"));
    CHECK(offsite::is_mount_point("/proc"));
    CHECK_FALSE(offsite::is_mount_point(upload.directory()));
}

TEST_CASE("a directory that cannot be written to is named") {
    const Upload upload;
    config::Remote entry;
    entry.name = "disk";
    entry.type = config::RemoteType::directory;
    entry.target = "/proc/mastobak";
    CHECK(says(upload.failure(entry).text, "'/proc/mastobak"));
}

// Others may be able to write to a disk, for example over NFS.
TEST_CASE("symlinks in a directory lead nowhere: not to be read, written or removed") {
    const TemporaryDirectory files;
    config::Remote entry;
    entry.name = "disk";
    entry.type = config::RemoteType::directory;
    entry.target = (files / "disk").native();
    const auto remote = offsite::make_remote(entry, files / "scratch");
    write(files / "staging/sets/S/a", "ours");
    write(files / "disk/sets/T/b", "theirs");
    const auto disk = std::filesystem::path(entry.target);
    std::filesystem::create_directory_symlink(files / "staging/sets/S", disk / "sets/S");
    std::filesystem::create_directory_symlink(files / "staging", disk / "media");
    std::filesystem::create_symlink(files / "staging/sets/S/a", disk / "sets/T/a");
    REQUIRE(::mkfifo((disk / "sets/T/fifo").c_str(), 0600) == 0);

    CHECK(remote->directories("sets", {}) == std::set<std::string>{"T"});
    CHECK(remote->list("sets/T", {}) == std::map<std::string, Bytes>{{"b", {6}}});
    CHECK_THROWS_AS(remote->list("sets/S", {}), Error);
    CHECK_THROWS_AS(remote->list("media", {}), Error);
    for (const auto* name : {"sets/S/a", "sets/T/a", "sets/T/fifo"}) {
        CHECK_THROWS_AS(remote->get({name, {}, {4}}, files / "got", {}), Error);
        CHECK_FALSE(exists(files / "got"));
    }
    write(files / "new", "new");
    const auto put = [&](const std::string& name) {
        remote->put({name, files / "new", {3}, sha256_of_file(files / "new")}, {}, {});
    };
    CHECK_THROWS_WITH(put("sets/S/new"), Catch::Matchers::Contains("symlinks are not followed"));
    CHECK_THROWS_AS(put("media/new"), Error);
    put("sets/T/new");
    CHECK(read(disk / "sets/T/new") == "new");
    CHECK_THROWS_AS(remote->remove({"sets/S/a"}, {}), Error);
    CHECK(remote->remove({"sets/T/b"}, {}).empty());
    CHECK(read(files / "staging/sets/S/a") == "ours");
    CHECK(std::distance(std::filesystem::directory_iterator(files / "staging"), {}) == 1);
}

TEST_CASE("a remote that gives more than it has listed fills no disk") {
    const TemporaryDirectory files;
    const auto at = files / "there";
    write(at / "media/x.tar", std::string(std::size_t{4} << 20, 'x'));
    make_directories(files / "here");
    const auto got = files / "here/x";
    const auto fails = [&](const config::Remote& entry) {
        const auto remote = offsite::make_remote(entry, files / "scratch");
        try {
            remote->get({"media/x.tar", {}, {1000}, {1000}}, got, {});
        } catch (const Error& e) {
            UNSCOPED_INFO(e.what());
            CHECK(e.code() == Errc::offsite);
            CHECK((says(e.text(), "File too large") || says(e.text(), "more than 1000 bytes")));
            CHECK(std::filesystem::is_empty(files / "here"));
            return;
        }
        FAIL("it was taken");
    };
    SECTION("rsync") {
        fails(ssh().rsync(at.native()));
    }
    SECTION("rclone") {
        // The real rclone returns as many bytes as requested; this fake returns more.
        const auto entry = rclone_remote(files.path(), "[x]\ntype = local\n", "x:" + at.native());
        write(files / "bin/rclone", "#!/bin/sh\ncase \" $* \" in *' cat '*) exec cat '" +
                                        (at / "media/x.tar").native() +
                                        "' ;; esac\nexec /usr/bin/rclone \"$@\"\n");
        std::filesystem::permissions(files / "bin/rclone", std::filesystem::perms(0755));
        const std::string path = ::getenv("PATH");
        ::setenv("PATH", ((files / "bin").native() + ":" + path).c_str(), 1);
        fails(entry);
        ::setenv("PATH", path.c_str(), 1);
    }
}
