// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/journal/journal_coverage.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "core/contains.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/privilege.hpp"
#include "media/tree/mounts.hpp"

namespace mastobak::media {
namespace {

bool hears(int group, const std::string& device) {
    const auto facts = read_file(fmt::format("/proc/self/fdinfo/{}", group), Errc::media);
    return facts.find(fmt::format("fanotify sdev:{} ", device)) != std::string::npos;
}

std::string look(int group, int root, const std::vector<std::string>& excluded) {
    const auto all = mounts();
    const auto id = mount_of(root);
    const auto own = std::ranges::find(all, id, &Mount::id);
    if (own == all.end() || !hears(group, own->device))
        return "the journal watches another file system, or its file system was unmounted";
    auto prefix = real_path_of(root);
    if (prefix != "/") prefix += '/';
    for (const auto& mount : all) {
        if (mount.path.size() <= prefix.size() || !mount.path.starts_with(prefix)) continue;
        const auto below = std::string_view(mount.path).substr(prefix.size());
        if (contains(excluded, below.substr(0, below.find('/')))) continue;
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
