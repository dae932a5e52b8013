// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/space_budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;

namespace {

/// Files that disappear during the walk are not counted: the upload worker may remove packs.
Bytes size_of_files(const fs::path& directory) {
    Bytes sum;
    std::error_code error;
    for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
        std::error_code ignored;
        const auto size = it->is_regular_file(ignored) ? it->file_size(ignored) : 0;
        if (!ignored) sum += Bytes{size};
    }
    return sum;
}

std::uint64_t minus(Bytes a, Bytes b) {
    return a > b ? a.count - b.count : 0;
}

}  // namespace

void FreeSpaceGuard::check(Bytes written) {
    if (written < next_look_) return;
    next_look_ = written + Bytes{std::uint64_t{64} << 20};
    const auto free = free_space(staging_.path);
    if (free >= staging_.min_free) return;
    throw Error(Errc::staging,
                fmt::format("'{}' now has only {} free, less than staging.min_free ({})",
                            staging_.path.native(), to_string(free), to_string(staging_.min_free)),
                "make room, or set staging.path to a larger file system");
}

SpaceBudget look_for_room(const config::Staging& staging) {
    SpaceBudget room;
    room.free = free_space(staging.path);
    room.limit = {minus(room.free, staging.min_free)};
    if (!staging.max_size) return room;
    room.used = size_of_files(staging.path);
    room.limit = std::min(room.limit, Bytes{minus(*staging.max_size, room.used)});
    return room;
}

void throw_no_room(const config::Config& config, const SpaceBudget& room, Bytes needed,
                   const std::string& what) {
    const auto& staging = config.staging;
    const auto path = staging.path.native();
    const bool by_size = staging.max_size &&
                         minus(*staging.max_size, room.used) <= minus(room.free, staging.min_free);
    const auto has = by_size ? fmt::format("'{}' has {} and may have {} (staging.max_size)", path,
                                           to_string(room.used), to_string(*staging.max_size))
                             : fmt::format("'{}' has {} free", path, to_string(room.free));
    const auto all = by_size ? to_string(needed)
                             : fmt::format("{}, and staging.min_free {}", to_string(needed),
                                           to_string(staging.min_free));
    std::string help = by_size ? "raise staging.max_size"
                               : "make room, or set staging.path to a larger file system";
    if (config.offsite.empty())
        help +=
            "; with a remote (offsite:) media larger than staging goes there while it is packed";
    else if (staging.keep_packs)
        help += "; with 'staging.keep_packs: false' packs that are off-site are removed here";
    throw Error(Errc::staging, fmt::format("{}, but {} {}", has, what, all), std::move(help));
}

}  // namespace mastobak::backup
