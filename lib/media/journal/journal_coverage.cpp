// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/journal/journal_coverage.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <optional>
#include <sstream>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/privilege.hpp"

namespace mastobak::media {
namespace {

struct Mount {
    std::uint64_t id = 0;
    std::string device;  ///< as fdinfo writes it
    std::string path;
};

/// Spaces and the like are "\040" there.
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

/// The kernel's own form of a device number, of which st_dev is not the same for btrfs.
std::string device_of(const std::string& major_minor) {
    const auto colon = major_minor.find(':');
    const auto major = std::stoul(major_minor.substr(0, colon));
    const auto minor = std::stoul(major_minor.substr(colon + 1));
    return fmt::format("{:x}", major << 20 | minor);
}

std::vector<Mount> mounts() {
    std::istringstream table(read_file("/proc/self/mountinfo", Errc::media));
    std::vector<Mount> result;
    for (std::string line; std::getline(table, line);) {
        std::istringstream fields(line);
        Mount mount;
        std::string parent, device, part, path;
        fields >> mount.id >> parent >> device >> part >> path;
        mount.device = device_of(device);
        mount.path = unescaped(path);
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

bool hears(int group, const std::string& device) {
    const auto facts = read_file(fmt::format("/proc/self/fdinfo/{}", group), Errc::media);
    return facts.find(fmt::format("fanotify sdev:{} ", device)) != std::string::npos;
}

bool is_excluded(std::string_view below, const std::vector<std::string>& excluded) {
    return std::find(excluded.begin(), excluded.end(), below.substr(0, below.find('/'))) !=
           excluded.end();
}

std::string look(int group, int root, const std::vector<std::string>& excluded) {
    const auto all = mounts();
    const auto id = mount_of(root);
    const auto own =
        std::find_if(all.begin(), all.end(), [&](const Mount& mount) { return mount.id == id; });
    if (own == all.end() || !hears(group, own->device))
        return "the journal is of another file system, or of one that was unmounted meanwhile";
    auto prefix = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", root)).native();
    if (prefix != "/") prefix += '/';
    for (const auto& mount : all) {
        if (mount.path.size() <= prefix.size() || !mount.path.starts_with(prefix)) continue;
        if (is_excluded(std::string_view(mount.path).substr(prefix.size()), excluded)) continue;
        return fmt::format("something else is mounted at '{}'", mount.path);
    }
    return {};
}

}  // namespace

bool is_same_directory(int directory, const std::filesystem::path& path) {
    struct stat one {
    }, other{};
    const ReadAnything raised;
    return ::fstat(directory, &one) == 0 && ::stat(path.c_str(), &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

std::string coverage_gap(int group, int root, const std::vector<std::string>& excluded) {
    try {
        return look(group, root, excluded);
    } catch (const std::exception& error) {
        return describe(error);
    }
}

}  // namespace mastobak::media
