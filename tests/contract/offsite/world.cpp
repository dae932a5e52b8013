// SPDX-License-Identifier: GPL-3.0-or-later
#include "world.hpp"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "offsite/remotes/make_remote.hpp"
#include "support/fake_remote.hpp"
#include "support/offsite_servers.hpp"
#include "support/s3_stand_in.hpp"
#include "support/staged_set.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

class Fake final : public World {
 public:
    offsite::Remote& remote() override { return remote_; }
    std::string contents(const std::string& name) override { return remote_.objects().at(name); }
    void forbid_removal() override { remote_.forbid_removal("append-only"); }

 private:
    FakeRemote remote_;
};

/// Directories in which any user can add names, but no user can remove them.
class AppendOnly {
 public:
    explicit AppendOnly(const std::filesystem::path& top) : top_(std::filesystem::canonical(top)) {
        output_of({"chattr", "-R", "+a", top_.native()});
    }
    ~AppendOnly() { output_of({"chattr", "-R", "-a", top_.native()}); }
    AppendOnly(const AppendOnly&) = delete;
    AppendOnly& operator=(const AppendOnly&) = delete;

 private:
    std::filesystem::path top_;
};

/// A remote that make_remote() makes.
class Real : public World {
 public:
    offsite::Remote& remote() override { return *remote_; }
    offsite::Remote& slow_remote() override { return *slow_; }

 protected:
    void make(config::Remote entry) {
        remote_ = offsite::make_remote(entry, scratch_ / "scratch");
        if (entry.type != config::RemoteType::directory) entry.bandwidth = Bytes{1 << 20};
        slow_ = offsite::make_remote(entry, scratch_ / "scratch");
    }

    TemporaryDirectory scratch_;
    std::unique_ptr<offsite::Remote> remote_, slow_;
};

/// A remote whose objects are files in a directory that a test can read.
class Files final : public Real {
 public:
    using Entry = std::function<config::Remote(const std::filesystem::path& root,
                                               const std::filesystem::path& scratch)>;
    Files(const Entry& entry, bool has_hashes = true, bool lets_remove = true)
        : has_hashes_(has_hashes), lets_remove_(lets_remove) {
        make(entry(root_.path(), scratch_.path()));
    }
    std::string contents(const std::string& name) override { return read(root_ / "top" / name); }
    bool has_hashes() const override { return has_hashes_; }
    bool lets_remove() const override { return lets_remove_; }
    void forbid_removal() override {
        if (lets_remove_) append_only_.emplace(root_ / "top");
    }

 private:
    TemporaryDirectory root_;
    bool has_hashes_;
    bool lets_remove_;
    std::optional<AppendOnly> append_only_;
};

class Crypt final : public Real {
 public:
    Crypt() {
        entry_ = rclone_remote(
            scratch_.path(),
            fmt::format("[secret]\ntype = crypt\nremote = {}\npassword = {}\n",
                        (scratch_ / "encrypted").native(), output_of({"rclone", "obscure", "x"})),
            "secret:top");
        make(entry_);
    }
    std::string contents(const std::string& name) override {
        return output_of({"rclone", "--config", entry_.rclone_config.native(), "cat",
                          entry_.target + "/" + name});
    }
    bool has_hashes() const override { return false; }
    void forbid_removal() override { append_only_.emplace(scratch_ / "encrypted"); }

 private:
    std::optional<AppendOnly> append_only_;
    config::Remote entry_;
};

class S3 final : public Real {
 public:
    S3() { make(rclone_remote(scratch_.path(), server_.rclone_section("s3"), "s3:b/top")); }
    ~S3() override { remote_.reset(), slow_.reset(); }
    std::string contents(const std::string& name) override {
        return server_.objects().at("top/" + name);
    }
    void forbid_removal() override { server_.forbid_removal(); }

 private:
    S3StandIn server_;
};

SshServer& ssh() {
    static SshServer server;
    return server;
}

config::Remote directory(const std::filesystem::path& root, const std::filesystem::path&) {
    config::Remote remote;
    remote.name = "disk";
    remote.type = config::RemoteType::directory;
    remote.target = root / "top";
    return remote;
}

config::Remote sftp(const std::filesystem::path& root, const std::filesystem::path& scratch) {
    return rclone_remote(scratch, ssh().rclone_section("box"), "box:" + root.native() + "/top");
}

config::Remote webdav(const std::filesystem::path& root, const std::filesystem::path& scratch) {
    static TemporaryDirectory served;
    static WebDavServer server(served.path());
    // All tests use one server, each with its own directory.
    const auto name = root.filename();
    std::filesystem::create_directory(served / name.native());
    std::filesystem::create_directory_symlink(served / name.native() / "top", root / "top");
    return rclone_remote(scratch, server.rclone_section("dav"), "dav:" + name.native() + "/top");
}

config::Remote rsync(const std::filesystem::path& root, const std::filesystem::path&) {
    return ssh().rsync(root.native() + "/top");
}

// The recommended setup to protect backups from their own host: with this key, rsync may add files
// below one directory, and do nothing else.
config::Remote add_only(const std::filesystem::path& root, const std::filesystem::path&) {
    static TemporaryDirectory served;
    static SshServer server(fmt::format("rrsync -no-overwrite -no-del {}", served.path().native()));
    const auto name = root.filename();
    std::filesystem::create_directory(served / name.native());
    std::filesystem::create_directory_symlink(served / name.native() / "top", root / "top");
    return server.rsync("/" + name.native() + "/top");
}

const std::map<std::string, std::function<std::unique_ptr<World>()>>& makers() {
    const auto files = [](const Files::Entry& entry, bool has_hashes, bool lets_remove = true) {
        return [=] { return std::make_unique<Files>(entry, has_hashes, lets_remove); };
    };
    static const std::map<std::string, std::function<std::unique_ptr<World>()>> all{
        {"fake", [] { return std::make_unique<Fake>(); }},
        {"directory", files(directory, true)},
        {"rclone to sftp", files(sftp, true)},
        {"rclone to webdav", files(webdav, false)},
        {"rclone to s3", [] { return std::make_unique<S3>(); }},
        {"rclone crypt", [] { return std::make_unique<Crypt>(); }},
        {"rsync", files(rsync, true)},
        {"rsync that may only add", files(add_only, true, false)},
    };
    return all;
}

}  // namespace

offsite::Object World::object(const std::string& name, const std::string& text) {
    const auto leaf = name.substr(name.rfind('/') + 1);
    const auto file = files_ / fmt::format("{}/{}", count_++, leaf.empty() ? "x" : leaf);
    write(file, text);
    return object_of(file, name);
}

const std::vector<std::string>& kinds() {
    static const auto all = [] {
        std::vector<std::string> names;
        for (const auto& [name, make] : makers()) names.push_back(name);
        return names;
    }();
    return all;
}

std::unique_ptr<World> make_world(const std::string& kind) {
    auto world = makers().at(kind)();
    world->kind = kind;
    return world;
}
