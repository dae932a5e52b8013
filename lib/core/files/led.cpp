// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/files/led.hpp"

#include <endian.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/limits.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "core/files/unique_fd.hpp"
#include "core/process/accounts.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"

namespace mastobak {
namespace fs = std::filesystem;

namespace {

constexpr int most_links = 40;  // the kernel's limit

/// A file on the way of a path.
struct Step {
    UniqueFd fd;
    struct stat status {};
    fs::path path;
};

/// The way of a path. Each step is taken from the descriptor of the one before, because a user who
/// owns a directory on the way can replace its entries at any moment.
struct Way {
    std::vector<Step> steps{};  ///< from the root directory to the file that the path leads to
    std::set<uid_t> leaders{};  ///< the owners of the symlinks on the way, except root
    uid_t owner = 0;            ///< the first owner on the way that is not root
};

std::optional<Step> step_to(int from, const std::string& name, fs::path path) {
    Step step{UniqueFd(::openat(from, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)),
              {},
              std::move(path)};
    if (!step.fd || ::fstat(step.fd.get(), &step.status) != 0) return std::nullopt;
    return step;
}

std::optional<Way> way_of(const fs::path& path) {
    Way way;
    auto root = step_to(AT_FDCWD, "/", "/");
    if (!root) return std::nullopt;
    way.steps.push_back(std::move(*root));
    // The remaining names of the path in reverse order: the next name is the last element.
    std::vector<fs::path> rest;
    const auto put = [&rest](const fs::path& more) {
        std::vector<fs::path> names(more.begin(), more.end());
        rest.insert(rest.end(), names.rbegin(), names.rend());
    };
    put(path);
    for (int links = 0; !rest.empty();) {
        const auto name = rest.back();
        rest.pop_back();
        if (name.empty() || name == ".") continue;
        if (name == "/") {
            way.steps.erase(way.steps.begin() + 1, way.steps.end());
            continue;
        }
        if (name == "..") {
            if (way.steps.size() > 1) way.steps.pop_back();
            continue;
        }
        const auto& last = way.steps.back();
        auto next = step_to(last.fd.get(), name, last.path / name);
        if (!next) return std::nullopt;
        if (way.owner == 0) way.owner = next->status.st_uid;
        if (!S_ISLNK(next->status.st_mode)) {
            way.steps.push_back(std::move(*next));
            continue;
        }
        std::array<char, PATH_MAX> target{};
        const auto n = ::readlinkat(next->fd.get(), "", target.data(), target.size());
        if (n <= 0 || ++links > most_links) return std::nullopt;
        if (next->status.st_uid != 0) way.leaders.insert(next->status.st_uid);
        put(std::string(target.data(), static_cast<std::size_t>(n)));
    }
    return way;
}

/// Returns the way to an open file; nullopt when the path now leads to another file.
std::optional<Way> way_to(int fd, const fs::path& path) {
    struct stat opened {};
    auto way = way_of(path);
    if (!way || ::fstat(fd, &opened) != 0) return std::nullopt;
    const auto& there = way->steps.back().status;
    if (opened.st_dev != there.st_dev || opened.st_ino != there.st_ino) return std::nullopt;
    return way;
}

/// Returns the access ACL of a file; empty when its mode says all.
std::vector<posix_acl_xattr_entry> acl_of(const Step& step) {
    // fgetxattr(2) does not take a descriptor of O_PATH.
    const auto file = fmt::format("/proc/self/fd/{}", step.fd.get());
    constexpr std::size_t head = sizeof(posix_acl_xattr_header);
    std::vector<char> bytes(XATTR_SIZE_MAX);
    const auto n = ::getxattr(file.c_str(), "system.posix_acl_access", bytes.data(), bytes.size());
    if (n < static_cast<ssize_t>(head)) return {};
    std::vector<posix_acl_xattr_entry> entries((static_cast<std::size_t>(n) - head) /
                                               sizeof(posix_acl_xattr_entry));
    std::memcpy(entries.data(), bytes.data() + head,
                entries.size() * sizeof(posix_acl_xattr_entry));
    for (auto& entry : entries)
        entry = {le16toh(entry.e_tag), le16toh(entry.e_perm), le32toh(entry.e_id)};
    return entries;
}

/// \param right S_IROTH or S_IXOTH
bool may(const FileRights& user, const Step& step, mode_t right) {
    const auto& status = step.status;
    if (status.st_uid == user.user) return (status.st_mode & (right << 6)) != 0;
    const auto is_in = [&user](gid_t group) {
        return std::ranges::find(user.groups, group) != user.groups.end();
    };
    // With an ACL, the mode has the mask instead of the rights of the group. The order is that of
    // acl(5), "access check algorithm".
    const bool masked = (status.st_mode & (right << 3)) != 0;
    const auto acl = acl_of(step);
    for (const auto& entry : acl)
        if (entry.e_tag == ACL_USER && entry.e_id == user.user)
            return masked && (entry.e_perm & right) != 0;
    bool of_group = false;
    for (const auto& entry : acl) {
        const bool matches = (entry.e_tag == ACL_GROUP_OBJ && is_in(status.st_gid)) ||
                             (entry.e_tag == ACL_GROUP && is_in(entry.e_id));
        if (matches && masked && (entry.e_perm & right) != 0) return true;
        of_group = of_group || matches;
    }
    if (of_group) return false;
    if (acl.empty() && is_in(status.st_gid)) return masked;
    return (status.st_mode & right) != 0;
}

bool may_read(const FileRights& user, const Way& way) {
    for (std::size_t i = 0; i + 1 < way.steps.size(); ++i)
        if (!may(user, way.steps[i], S_IXOTH)) return false;
    return may(user, way.steps.back(), S_IROTH);
}

}  // namespace

std::optional<std::set<uid_t>> leaders_to(int fd, const fs::path& path) {
    auto way = way_to(fd, path);
    if (!way) return std::nullopt;
    return std::move(way->leaders);
}

std::optional<uid_t> owner_on_way(const fs::path& path) {
    const auto way = way_of(path);
    return way ? std::optional(way->owner) : std::nullopt;
}

bool is_led_fairly(int fd, const fs::path& path, Errc code) {
    const auto way = way_to(fd, path);
    if (!way) return false;
    for (const auto uid : way->leaders) {
        if (may_read(rights_of(uid, {}), *way)) continue;
        throw Error(
            code,
            fmt::format("'{}' leads to '{}', by a symlink of user '{}', who may not read it",
                        readable(path.native()), readable(way->steps.back().path.native()),
                        user_name(uid)),
            "symlinks of root are followed: if this one is right, give it to root ('chown -h "
            "root')");
    }
    return true;
}

}  // namespace mastobak
