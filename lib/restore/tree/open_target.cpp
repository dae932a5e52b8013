// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/tree/open_target.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/accounts.hpp"
#include "core/text.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

constexpr int look = O_PATH | O_NOFOLLOW | O_CLOEXEC;
constexpr int path_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
constexpr int most_links = 40;  // the kernel's limit
constexpr auto name_another =
    "name another directory with --to, and move the restored files to their place by hand";

/// Follows a path as root, one component after the other, from the root directory.
class Walk {
 public:
    Walk(const fs::path& path, IfMissing if_missing)
        : path_(readable(fs::absolute(path).native())),
          rest_(fs::absolute(path).native()),
          if_missing_(if_missing),
          at_(::open("/", look | O_DIRECTORY)) {
        while (rest_.ends_with('/')) rest_.pop_back();
        strip();
        note();
    }

    uid_t owner() const { return status_.st_uid; }
    mode_t mode() const { return status_.st_mode; }
    bool made() const { return made_; }
    const struct stat& status() const { return status_; }
    const std::string& rest() const { return rest_; }
    int fd() const { return at_.get(); }
    bool at_end() const { return rest_.empty(); }

    /// Goes into the next component.
    /// \return false when it is missing and may not be created
    bool step(mode_t mode) {
        const auto name = rest_.substr(0, rest_.find('/'));
        UniqueFd child(::openat(at_.get(), name.c_str(), look));
        if (!child && errno == ENOENT) {
            if (if_missing_ == IfMissing::leave) return false;
            if (::mkdirat(at_.get(), name.c_str(), mode) < 0 && errno != EEXIST) fail("make");
            made_ = errno != EEXIST;
            child.reset(::openat(at_.get(), name.c_str(), look));
        } else {
            made_ = false;
        }
        if (!child) fail("open");
        rest_.erase(0, name.size());
        strip();
        struct stat status {};
        if (::fstat(child.get(), &status) < 0) fail("look at");
        if (S_ISLNK(status.st_mode)) {
            follow(child.get(), status);
            return true;
        }
        if (!S_ISDIR(status.st_mode)) refuse("a component of the path is not a directory", "");
        if (owner() != 0 && status.st_uid != owner() && status.st_uid != 0)
            refuse(fmt::format("a directory of {} leads into one of {}", user_text(owner()),
                               user_text(status.st_uid)),
                   name_another);
        at_ = std::move(child);
        note();
        return true;
    }

    [[noreturn]] void refuse(const std::string& why, const char* hint) const {
        throw Error(Errc::environment, fmt::format("cannot restore to '{}': {}", path_, why), hint);
    }
    [[noreturn]] void fail(const char* doing) const {
        throw errno_error(Errc::environment, fmt::format("{} '{}'", doing, path_), errno);
    }

 private:
    /// Makes the rest of the path relative to the current directory.
    void strip() { rest_.erase(0, rest_.find_first_not_of('/')); }
    void note() {
        if (!at_ || ::fstat(at_.get(), &status_) < 0) fail("open");
    }
    void follow(int link, const struct stat& status) {
        const auto whose = owner() != 0 ? owner() : status.st_uid;
        if (whose != 0 && whose != ::geteuid())
            refuse(fmt::format("the path has a symlink of {}", user_text(whose)), name_another);
        if (++links_ > most_links) refuse("the path has too many symlinks", "");
        std::array<char, PATH_MAX> target{};
        const auto n = ::readlinkat(link, "", target.data(), target.size());
        if (n <= 0) fail("read a symlink of");
        rest_ = std::string(target.data(), static_cast<std::size_t>(n)) + "/" + rest_;
        const bool absolute = rest_.starts_with('/');
        strip();
        if (absolute) at_.reset(::open("/", look | O_DIRECTORY));
        note();
    }

    const std::string path_;
    std::string rest_;
    const IfMissing if_missing_;
    UniqueFd at_;
    struct stat status_ {};
    int links_ = 0;
    bool made_ = false;
};

/// Opens the rest of the path with this thread's current rights, which the kernel checks.
/// \return an empty descriptor when the directory is missing and may not be created
UniqueFd go_on(const Walk& walk, IfMissing if_missing, bool& made) {
    const auto rest = walk.rest().empty() ? std::string(".") : walk.rest();
    UniqueFd fd(::openat(walk.fd(), rest.c_str(), path_flags));
    if (fd || errno != ENOENT || if_missing == IfMissing::leave) return fd;
    for (std::size_t end = 0; end != rest.npos;) {
        end = rest.find('/', end + 1);
        const auto part = rest.substr(0, end);
        made = ::mkdirat(walk.fd(), part.c_str(), 0755) == 0;
        if (!made && errno != EEXIST) return {};
    }
    return UniqueFd(::openat(walk.fd(), rest.c_str(), path_flags));
}

/// Opens the innermost existing directory on the rest of the path.
UniqueFd innermost(const Walk& walk) {
    auto rest = fs::path(walk.rest());
    UniqueFd fd;
    do {
        rest = rest.parent_path();
        fd.reset(::openat(walk.fd(), rest.empty() ? "." : rest.c_str(), path_flags));
    } while (!fd && errno == ENOENT && !rest.empty());
    return fd;
}

OpenedTarget open_as_owner(const Walk& walk, IfMissing if_missing) {
    OpenedTarget opened;
    opened.rights = rights_of(walk.owner(), walk.status().st_gid);
    const auto who = user_text(walk.owner());
    const WithRightsOf owner(*opened.rights);
    opened.fd = go_on(walk, if_missing, opened.made);
    const bool is_there = opened.fd || errno != ENOENT || if_missing == IfMissing::make;
    // A missing directory would be created in the innermost existing one, which is checked instead.
    auto looked_at = is_there ? UniqueFd() : innermost(walk);
    const int fd = is_there ? opened.fd.get() : looked_at.get();
    if (fd < 0) {
        const int error = errno;
        walk.refuse(fmt::format("{}, who owns a directory on the way, cannot open or make it: {}",
                                who, std::generic_category().message(error)),
                    name_another);
    }
    struct stat status {};
    if (::fstat(fd, &status) < 0) walk.fail("look at");
    if (status.st_uid != walk.owner())
        walk.refuse(
            fmt::format("a directory of {} leads to one of {}", who, user_text(status.st_uid)),
            name_another);
    return opened;
}

}  // namespace

std::string user_text(uid_t user) {
    const auto account = account_of(user);
    return account ? fmt::format("user '{}'", account->name) : fmt::format("user {}", user);
}

OpenedTarget open_target(const fs::path& path, IfMissing if_missing) {
    Walk walk(path, if_missing);
    if (::geteuid() != 0) {
        std::error_code ignored;
        OpenedTarget opened;
        opened.made = !fs::exists(path, ignored);
        if (opened.made && if_missing == IfMissing::leave) return opened;
        make_directories(path, 0755, Errc::environment);
        opened.fd.reset(::open(path.c_str(), path_flags));
        if (!opened.fd) walk.fail("open");
        return opened;
    }
    while (walk.owner() == 0 && !walk.at_end())
        if (!walk.step(0755)) return {};
    if (walk.owner() != 0) return open_as_owner(walk, if_missing);
    OpenedTarget opened;
    opened.fd.reset(::openat(walk.fd(), ".", path_flags));
    if (!opened.fd) walk.fail("open");
    opened.made = walk.made();
    return opened;
}

UniqueFd open_private_target(const fs::path& path) {
    Walk walk(path, IfMissing::make);
    if (::geteuid() != 0) {
        make_directories(path, 0700, Errc::environment);
        while (!walk.at_end() && walk.step(0700)) {
        }
    }
    while (!walk.at_end()) walk.step(walk.rest().find('/') == std::string::npos ? 0700 : 0755);
    if (walk.owner() != ::geteuid())
        walk.refuse(fmt::format("it already exists, and belongs to {}", user_text(walk.owner())),
                    "secrets are restored: name a directory that does not exist yet");
    if ((walk.mode() & 077) != 0)
        walk.refuse(
            fmt::format("it already exists, and is open to others (mode {:o})",
                        walk.mode() & 07777),
            "secrets are restored: 'chmod 700' it, or name a directory that does not exist yet");
    UniqueFd fd(::openat(walk.fd(), ".", path_flags));
    if (!fd) walk.fail("open");
    return fd;
}

}  // namespace mastobak::restore
