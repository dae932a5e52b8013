// SPDX-License-Identifier: GPL-3.0-or-later
#include "file_system.hpp"

#include <sys/mount.h>

#include <map>

#include "core/process.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

namespace {

/// What mounts it at ./root, as bash; in a directory of its own.
const std::map<std::string, std::string>& scripts() {
    static const std::map<std::string, std::string> all{
        {"this disk", ""},
        {"ext4", "truncate -s 256M image; mkfs.ext4 -qF image; mount -o loop image root"},
        // Newer kernels cannot any more.
        {"ext4 without xattrs",
         "truncate -s 256M image; mkfs.ext4 -qF image; mount -o loop,nouser_xattr image root"},
        {"xfs", "truncate -s 512M image; mkfs.xfs -q image; mount -o loop image root"},
        {"btrfs", "truncate -s 256M image; mkfs.btrfs -q image; mount -o loop image root"},
        {"tmpfs", "mount -t tmpfs -o size=256M tmpfs root"},
        {"overlay",
         "mkdir memory; mount -t tmpfs -o size=256M tmpfs memory; mkdir memory/{lower,upper,work}; "
         "mount -t overlay -o lowerdir=memory/lower,upperdir=memory/upper,workdir=memory/work "
         "overlay root; umount -l memory"},
        // The protocol without a network.
        {"sshfs",
         "mkdir far; printf '#!/bin/sh\\nexec /usr/lib/openssh/sftp-server\\n' > ssh; "
         "chmod 755 ssh; sshfs -o ssh_command=\"$PWD/ssh\",allow_other far:\"$PWD/far\" root"},
    };
    return all;
}

}  // namespace

FileSystem::FileSystem(const std::string& kind, fs::path where) : root_(where / "root") {
    fs::create_directories(root_);
    const auto& script = scripts().at(kind);
    if (script.empty()) return;
    const auto done = run({.argv = {"bash", "-euc", "cd \"$1\"; " + script, "mount", where}});
    if (!done.ok()) why_not_ = done.reason();
    mounted_ = true;  // or perhaps, when something failed after it
}

FileSystem::~FileSystem() {
    if (mounted_) ::umount2(root_.c_str(), MNT_DETACH);
}

const std::vector<std::string>& FileSystem::kinds() {
    static const auto all = [] {
        std::vector<std::string> names;
        for (const auto& [name, script] : scripts()) names.push_back(name);
        return names;
    }();
    return all;
}

}  // namespace mastobak::test
