// SPDX-License-Identifier: GPL-3.0-or-later
#include "file_system.hpp"

#include <sys/mount.h>

#include <map>

#include "core/process/process.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

namespace {

std::string exfat(const std::string& option) {
    return "truncate -s 256M image; mkfs.exfat image; disk=$(losetup --find --show image); "
           "trap 'losetup -d \"$disk\"' EXIT; "
           "mount.exfat-fuse -o allow_other," +
           option + " \"$disk\" root";
}

/// Bash scripts that mount each kind at ./root. They run in a new directory.
const std::map<std::string, std::string>& scripts() {
    static const std::map<std::string, std::string> all{
        {"this disk", ""},
        {"ext4", "truncate -s 256M image; mkfs.ext4 -qF image; mount -o loop image root"},
        // Without extended attributes, owners, links and modes of single files. Its program needs a
        // device, which is removed at the unmount.
        {"exfat", exfat("umask=077")},
        {"exfat that all may read", exfat("umask=022")},
        // Read-only, and without extended attributes; contains the files of ./tree.
        {"squashfs",
         "mksquashfs tree image -no-xattrs -quiet -no-progress; rm -r tree; "
         "mount -o loop,ro image root"},
        // Names have at most 175 bytes, because their encrypted form is longer.
        {"encfs",
         "mkdir far; echo word | encfs --standard --stdinpass -o allow_other "
         "\"$PWD/far\" \"$PWD/root\""},
        {"xfs", "truncate -s 512M image; mkfs.xfs -q image; mount -o loop image root"},
        {"btrfs", "truncate -s 256M image; mkfs.btrfs -q image; mount -o loop image root"},
        {"tmpfs", "mount -t tmpfs -o size=256M tmpfs root"},
        {"overlay",
         "mkdir memory; mount -t tmpfs -o size=256M tmpfs memory; mkdir memory/{lower,upper,work}; "
         "mount -t overlay -o lowerdir=memory/lower,upperdir=memory/upper,workdir=memory/work "
         "overlay root; umount -l memory"},
        // The protocol of sshfs, without a network.
        {"sshfs",
         "mkdir far; printf '#!/bin/sh\\nexec /usr/lib/openssh/sftp-server\\n' > ssh; "
         "chmod 755 ssh; sshfs -o ssh_command=\"$PWD/ssh\",allow_other far:\"$PWD/far\" root"},
    };
    return all;
}

}  // namespace

FileSystem::FileSystem(const std::string& kind, fs::path where)
    : kind_(kind), root_(where / "root") {
    fs::create_directories(root_);
    const auto& script = scripts().at(kind);
    if (script.empty()) return;
    const auto done = run({.argv = {"bash", "-euc", "cd \"$1\"; " + script, "mount", where}});
    if (!done.ok()) why_not_ = done.reason();
    mounted_ = true;  // even if a command failed, it may be mounted
}

FileSystem::~FileSystem() {
    if (mounted_) ::umount2(root_.c_str(), MNT_DETACH);
}

std::string FileSystem::refused_name() const {
    if (has_contents_alone()) return "odd:name";  // Windows forbids it
    return kind_ == "encfs" ? std::string(200, 'n') : std::string();
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
