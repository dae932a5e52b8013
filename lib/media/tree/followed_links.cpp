// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/followed_links.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "core/error.hpp"
#include "core/text.hpp"
#include "media/tree/directory.hpp"
#include "media/tree/listing.hpp"

namespace mastobak::media {
namespace {

/// Returns the status of a name; follows symlinks.
std::optional<struct stat> stat_of(int directory, const char* name) {
    struct stat status {};
    if (::fstatat(directory, name, &status, 0) != 0) return std::nullopt;
    return status;
}

}  // namespace

FollowedLinks::FollowedLinks(int root, std::vector<std::string> excluded,
                             std::vector<FollowedLink> known)
    : root_(root),
      root_path_(real_path_of(root)),
      excluded_(std::move(excluded)),
      owner_(find_owner()),
      known_(std::move(known)) {
    directories_.add(regions_at(root, ""));
    for (const auto& link : known_) {
        // Only registers the place. follow() decides when the walk reaches the symlink.
        const UniqueFd place(
            ::open(link.target.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!place) continue;
        const auto regions = regions_at(place.get(), link.path);
        if (directories_.have_any_of(regions)) ++known_repeated_;
        directories_.add(regions);
    }
}

bool FollowedLinks::is_known(const FollowedLink& link) const {
    return std::ranges::find(known_, link) != known_.end();
}

bool FollowedLinks::is_in_set(std::string_view real_path) const {
    return is_within(real_path, root_path_) &&
           std::ranges::none_of(excluded_, [&](const std::string& name) {
               return is_within(real_path, fmt::format("{}/{}", root_path_, name));
           });
}

// Mastodon's user is the owner of the tree's root directory. When user root owns it, only user root
// can have created its entries, so the first entry with another owner belongs to Mastodon's user.
uid_t FollowedLinks::find_owner() const {
    const auto root = status_of(root_);
    if (!root || root->uid != 0) return root ? root->uid : 0;
    const UniqueFd again(::openat(root_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    Names names;
    auto block = make_block();
    if (!again || names.read(again.get(), block) != 0) return 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto entry = status_at(root_, names[i]);
        if (!entry) continue;
        const auto led_to =
            S_ISLNK(entry->mode) && entry->uid == 0 ? stat_of(root_, names[i]) : std::nullopt;
        const auto uid = led_to ? led_to->st_uid : entry->uid;
        if (uid != 0) return uid;
    }
    return 0;
}

FollowedLinks::Step FollowedLinks::follow(int parent, const char* name, const std::string& path,
                                          const FileStatus& link) {
    Step step;
    // O_PATH does not open the target, so that its owner can be checked first.
    const UniqueFd place(::openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!place) {
        if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
            step.refusal = std::strerror(errno);
        return step;
    }
    step.target = real_path_of(place.get());
    if (is_in_set(step.target)) return step;
    step.refusal = why_not(place.get(), step.target, link);
    if (!step.refusal.empty()) return step;
    const auto regions = regions_at(place.get(), path);
    if (directories_.contain(regions, path)) {
        step.refusal = "it contains the symlink itself";
        return step;
    }
    if (!is_known({path, step.target})) {
        if (directories_.have_any_of(regions)) {
            if (known_repeated_ + repeated_.size() >= most_repeated) {
                step.refusal = fmt::format(
                    "more than {} symlinks lead to directories that are in the set already",
                    most_repeated);
                return step;
            }
            step.repeated = true;
            repeated_.push_back({path, step.target});
            return step;
        }
        directories_.add(regions);
    }
    step.directory =
        UniqueFd(::openat(place.get(), ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!step.directory) {
        step.refusal = std::strerror(errno);
        return step;
    }
    all_.push_back({path, step.target});
    return step;
}

std::string FollowedLinks::why_not(int directory, const std::string& target,
                                   const FileStatus& link) const {
    const auto status = status_of(directory);
    const auto root = status_of(root_);
    if (!status || !root || target.empty() || root_path_.empty()) return "it cannot be read";
    if (is_within(root_path_, target) ||
        (status->device == root->device && status->inode == root->inode))
        return "it contains the media directory itself";
    if (status->uid == 0) return "it belongs to root";
    if (status->uid != owner_)
        return fmt::format("it belongs to user {}, and Mastodon's media to user {}", status->uid,
                           owner_);
    if (link.uid != owner_ && link.uid != 0)
        return fmt::format("the symlink belongs to user {}, and Mastodon's media to user {}",
                           link.uid, owner_);
    if (all_.size() >= most_followed)
        return fmt::format("{} symlinks are followed already", most_followed);
    return {};
}

void check_links(int root, const std::vector<std::string>& directories,
                 const std::vector<std::string>& excluded) {
    FollowedLinks links(root, excluded);
    std::vector<std::string> paths;
    for (const auto& directory : directories) {
        const auto top = directory.substr(0, directory.find('/'));
        if (std::ranges::find(excluded, top) != excluded.end()) continue;
        for (auto slash = directory.find('/'); slash != directory.npos;
             slash = directory.find('/', slash + 1))
            paths.push_back(directory.substr(0, slash));
        paths.push_back(directory);
    }
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    for (const auto& path : paths) {
        // This may follow symlinks above `path`: they come earlier in the list and were accepted.
        const auto status = status_at(root, path.c_str());
        if (!status || !S_ISLNK(status->mode)) continue;
        const auto step = links.follow(root, path.c_str(), path, *status);
        if (step.directory || step.repeated) continue;
        const auto target = readable(step.target);
        if (!step.refusal.empty())
            throw Error(
                Errc::media,
                fmt::format("'{}' of the media is a symlink{}, which is not followed: {}", path,
                            target.empty() ? "" : fmt::format(" to '{}'", target), step.refusal),
                "give that directory to Mastodon's user, or mount it in the place of the "
                "symlink (mount --bind)");
        if (step.target.empty())
            throw Error(Errc::media,
                        fmt::format("'{}' of the media is a symlink to something that is not a "
                                    "directory, or does not exist",
                                    path),
                        "is the file system that it leads to mounted?");
        throw Error(Errc::media,
                    fmt::format("'{}' of the media is a symlink to '{}', which is in the media "
                                "directory too: its files would be in the set only under that name",
                                path, target),
                    "move the directory to the place of the symlink");
    }
}

}  // namespace mastobak::media
