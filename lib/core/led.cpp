// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/led.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/accounts.hpp"
#include "core/readable.hpp"

namespace mastobak {
namespace fs = std::filesystem;

namespace {

constexpr int most_links = 40;  // the kernel's limit

/// The file that a path leads to, and the owners of the symlinks on the way, except root.
struct Way {
    fs::path end{"/"};
    std::set<uid_t> leaders{};
};

std::optional<Way> way_of(const fs::path& path) {
    Way way;
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
            way.end = name;
            continue;
        }
        if (name == "..") {
            way.end = way.end.parent_path();
            continue;
        }
        const auto next = way.end / name;
        struct stat status {};
        if (::lstat(next.c_str(), &status) != 0) return std::nullopt;
        if (!S_ISLNK(status.st_mode)) {
            way.end = next;
            continue;
        }
        std::error_code error;
        const auto target = fs::read_symlink(next, error);
        if (error || ++links > most_links) return std::nullopt;
        if (status.st_uid != 0) way.leaders.insert(status.st_uid);
        put(target);
    }
    return way;
}

/// Returns the way to an open file; nullopt when the path now leads to another file.
std::optional<Way> way_to(int fd, const fs::path& path, struct stat& opened) {
    struct stat there {};
    auto way = way_of(path);
    if (!way || ::fstat(fd, &opened) != 0 || ::lstat(way->end.c_str(), &there) != 0 ||
        opened.st_dev != there.st_dev || opened.st_ino != there.st_ino)
        return std::nullopt;
    return way;
}

struct User {
    uid_t uid = 0;
    std::string name;
    std::vector<gid_t> groups{};
};

User user_of(uid_t uid) {
    const auto account = account_of(uid);
    if (!account) return {uid, std::to_string(uid)};
    return {uid, account->name, groups_of(*account)};
}

/// \param right S_IROTH or S_IXOTH
bool may(const User& user, const struct stat& status, mode_t right) {
    if (status.st_uid == user.uid) return (status.st_mode & (right << 6)) != 0;
    if (std::ranges::find(user.groups, status.st_gid) != user.groups.end())
        return (status.st_mode & (right << 3)) != 0;
    return (status.st_mode & right) != 0;
}

bool may_read(const User& user, const fs::path& file, const struct stat& status) {
    for (auto directory = file.parent_path();; directory = directory.parent_path()) {
        struct stat above {};
        if (::stat(directory.c_str(), &above) != 0 || !may(user, above, S_IXOTH)) return false;
        if (directory == directory.root_path()) break;
    }
    return may(user, status, S_IROTH);
}

}  // namespace

std::optional<std::set<uid_t>> leaders_to(int fd, const fs::path& path) {
    struct stat opened {};
    auto way = way_to(fd, path, opened);
    if (!way) return std::nullopt;
    return std::move(way->leaders);
}

bool is_led_fairly(int fd, const fs::path& path, Errc code) {
    struct stat opened {};
    const auto way = way_to(fd, path, opened);
    if (!way) return false;
    for (const auto uid : way->leaders) {
        const auto user = user_of(uid);
        if (may_read(user, way->end, opened)) continue;
        throw Error(
            code,
            fmt::format("'{}' leads to '{}', by a symlink of user '{}', who may not read it",
                        readable(path.native()), readable(way->end.native()), user.name),
            "symlinks of root are followed: if this one is right, give it to root ('chown -h "
            "root')");
    }
    return true;
}

}  // namespace mastobak
