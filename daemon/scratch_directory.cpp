// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/scratch_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "core/error.hpp"

namespace mastobak::daemon {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view prefix = "mastobak-", placeholders = "XXXXXX";

/// Locks a directory of this user; returns an empty descriptor when another process holds the lock
/// or another user owns the directory.
UniqueFd try_lock(const fs::path& directory) {
    UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat found {};
    // Any user may create directories in /var/tmp.
    if (!fd || ::fstat(fd.get(), &found) != 0 || found.st_uid != ::geteuid()) return {};
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return {};
    return fd;
}

bool is_named_like_ours(const std::string& name) {
    return name.starts_with(prefix) && name.size() == prefix.size() + placeholders.size();
}

void remove_abandoned(const fs::path& parent) {
    std::error_code ignored;
    for (fs::directory_iterator entry(parent, ignored), end; entry != end;
         entry.increment(ignored)) {
        if (!is_named_like_ours(entry->path().filename().native())) continue;
        if (const auto lock = try_lock(entry->path())) fs::remove_all(entry->path(), ignored);
    }
}

}  // namespace

void ScratchDirectory::remove_leftovers(const fs::path& parent) {
    std::error_code ignored;
    for (fs::directory_iterator entry(parent, ignored), end; entry != end;
         entry.increment(ignored)) {
        const auto lock = try_lock(entry->path());
        const bool in_use = !lock && is_named_like_ours(entry->path().filename().native());
        if (!in_use) fs::remove_all(entry->path(), ignored);
    }
}

ScratchDirectory::ScratchDirectory(const fs::path& parent) {
    remove_abandoned(parent);
    const auto pattern = (parent / prefix).native() + std::string(placeholders);
    // Before the lock is taken, another process may remove the directory as a leftover.
    for (int attempt = 0; !lock_ || !fs::exists(path_); ++attempt) {
        auto name = pattern;
        if (attempt == 10 || !::mkdtemp(name.data()))
            throw errno_error(Errc::environment, fmt::format("make directory '{}'", name), errno,
                              "TMPDIR names another place for temporary files");
        path_ = name;
        lock_ = try_lock(path_);
        // Parts of root's work run as other users (PostgreSQL's, or that of rclone.conf), who reach
        // their files in it. Its name cannot be guessed.
        if (::geteuid() == 0 && ::chmod(path_.c_str(), 0711) != 0)
            throw errno_error(Errc::environment, fmt::format("open '{}'", path_.native()), errno);
    }
}

ScratchDirectory::~ScratchDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

fs::path ScratchDirectory::default_parent() {
    const auto* chosen = std::getenv("TMPDIR");
    return chosen ? chosen : "/var/tmp";
}

}  // namespace mastobak::daemon
