// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/mounts.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <sstream>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"

namespace mastobak::media {
namespace {

/// Decodes the escapes of /proc/self/mountinfo, such as "\040" for a space.
std::string unescaped(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            result += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
            i += 3;
        } else {
            result += text[i];
        }
    }
    return result;
}

/// Returns a device number in the form of fdinfo. On btrfs, st_dev has another number.
std::string device_of(const std::string& major_minor) {
    const auto colon = major_minor.find(':');
    const auto major = std::stoul(major_minor.substr(0, colon));
    const auto minor = std::stoul(major_minor.substr(colon + 1));
    return fmt::format("{:x}", major << 20 | minor);
}

/// Returns a path relative to a directory that contains it; "" for the directory itself.
std::string_view below(std::string_view path, std::string_view directory) {
    if (directory != "/") path.remove_prefix(directory.size());
    while (path.starts_with('/')) path.remove_prefix(1);
    return path;
}

std::string joined(std::string_view directory, std::string_view path) {
    if (directory.empty() || path.empty()) return std::string(directory.empty() ? path : directory);
    return fmt::format("{}{}{}", directory, directory == "/" ? "" : "/", path);
}

}  // namespace

std::vector<Mount> mounts() {
    std::istringstream table(read_file("/proc/self/mountinfo", Errc::media));
    std::vector<Mount> result;
    for (std::string line; std::getline(table, line);) {
        std::istringstream fields(line);
        Mount mount;
        std::string parent, device, part, path;
        fields >> mount.id >> parent >> device >> part >> path;
        mount.device = device_of(device);
        mount.part = unescaped(part);
        mount.path = unescaped(path);
        std::erase_if(result, [&](const Mount& other) { return other.path == mount.path; });
        result.push_back(std::move(mount));
    }
    return result;
}

std::optional<std::uint64_t> mount_of(int fd) {
    struct statx status {};
    if (::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) != 0) return std::nullopt;
    if (!(status.stx_mask & STATX_MNT_ID)) return std::nullopt;
    return status.stx_mnt_id;
}

std::string real_path_of(int fd) {
    std::array<char, PATH_MAX> path{};
    const auto link = fmt::format("/proc/self/fd/{}", fd);
    const auto length = ::readlink(link.c_str(), path.data(), path.size());
    return length < 0 ? std::string() : std::string(path.data(), static_cast<std::size_t>(length));
}

bool is_within(std::string_view path, std::string_view directory) {
    return directory == "/" || path == directory ||
           (path.size() > directory.size() && path.starts_with(directory) &&
            path[directory.size()] == '/');
}

std::vector<Region> regions_at(int directory, const std::string& path) {
    const auto real_path = real_path_of(directory);
    std::vector<Region> regions{{"", real_path, path}};
    try {
        const auto all = mounts();
        const auto id = mount_of(directory);
        const auto own =
            std::ranges::find_if(all, [&](const Mount& mount) { return mount.id == id; });
        if (real_path.empty() || own == all.end() || !is_within(real_path, own->path))
            return regions;
        regions[0] = {own->device, joined(own->part, below(real_path, own->path)), path};
        for (const auto& mount : all)
            if (mount.path != real_path && is_within(mount.path, real_path))
                regions.push_back(
                    {mount.device, mount.part, joined(path, below(mount.path, real_path))});
    } catch (const std::exception&) {
        // The only consequence: a file at several places of the tree is packed once for each place.
    }
    return regions;
}

void RepeatedDirectories::add(const std::vector<Region>& regions) {
    for (const auto& one : regions) {
        for (const auto& other : regions_) {
            if (one.device != other.device) continue;
            if (is_within(one.part, other.part)) {
                repeated_.push_back(one.path);
                repeated_.push_back(joined(other.path, below(one.part, other.part)));
            } else if (is_within(other.part, one.part)) {
                repeated_.push_back(other.path);
                repeated_.push_back(joined(one.path, below(other.part, one.part)));
            }
        }
        regions_.push_back(one);
    }
}

bool RepeatedDirectories::have_any_of(const std::vector<Region>& regions) const {
    for (const auto& one : regions)
        for (const auto& other : regions_)
            if (one.device == other.device && one.path != other.path &&
                (is_within(one.part, other.part) || is_within(other.part, one.part)))
                return true;
    return false;
}

bool RepeatedDirectories::contain(const std::vector<Region>& regions, std::string_view path) const {
    for (const auto& one : regions)
        for (const auto& other : regions_)
            if (one.device == other.device && path != other.path &&
                (other.path.empty() || is_within(path, other.path)) &&
                is_within(joined(other.part, below(path, other.path)), one.part))
                return true;
    return false;
}

std::uint32_t RepeatedDirectories::places_of(std::string_view path) const {
    std::uint32_t places = 1;
    for (const auto& directory : repeated_)
        if (directory.empty() || is_within(path, directory)) ++places;
    return places;
}

}  // namespace mastobak::media
