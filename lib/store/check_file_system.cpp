// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/check_file_system.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/error.hpp"
#include "core/files/files.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;
namespace {

constexpr auto hint =
    "set staging.path to a file system of this host (ext4, xfs, btrfs), or look at the options of "
    "its mount: findmnt -T";

void check_private(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0)
        throw errno_error(Errc::staging, fmt::format("look at '{}'", file.native()), errno);
    if ((status.st_mode & 077) == 0) return;
    throw Error(Errc::staging,
                fmt::format("the file system of '{}' gives a file mode {:04o} instead of 0600: "
                            "secrets would be readable for other users",
                            file.parent_path().parent_path().native(), status.st_mode & 07777),
                "mount it with umask=077 (vfat, exfat) or file_mode=0600,dir_mode=0700 (cifs)");
}

void check_replaces_nothing(const fs::path& from, const fs::path& to) {
    try {
        publish(from, to);
    } catch (const Error&) {
        return;
    }
    throw Error(Errc::staging,
                fmt::format("a rename on the file system of '{}' replaces what is there",
                            to.parent_path().parent_path().native()),
                hint);
}

}  // namespace

void check_file_system(const fs::path& directory) {
    try {
        const Temporary probe(directory / fmt::format(".probe-{}", ::getpid()));
        make_directories(probe.path());
        const auto file = probe.path() / std::string(100, 'n');
        const auto published = probe.path() / "published";
        write_file(file, "probe");
        check_private(file);
        publish(file, published);
        write_file(file, "probe");
        check_replaces_nothing(file, published);
        make_directories(probe.path() / "set");
        write_file(probe.path() / "set/file", "probe");
        publish(probe.path() / "set", probe.path() / "published-set");
    } catch (const Error& error) {
        throw Error(error.code(),
                    fmt::format("the staging directory '{}' cannot take a set: {}",
                                directory.native(), error.text()),
                    error.hint().empty() ? hint : error.hint());
    }
}

}  // namespace mastobak::store
