// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/journal/tree_handles.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <optional>
#include <thread>

#include "core/process/privilege.hpp"

namespace mastobak::media {
using namespace std::chrono_literals;
namespace {

/// The limit of the cache: a few megabytes. It is cleared when full; directories in use return
/// soon.
constexpr std::size_t most_known = 20'000;

std::optional<std::string> path_of(int fd) {
    std::array<char, PATH_MAX> path{};
    const auto link = fmt::format("/proc/self/fd/{}", fd);
    const auto length = ::readlink(link.c_str(), path.data(), path.size());
    if (length < 0) return std::nullopt;
    return std::string(path.data(), static_cast<std::size_t>(length));
}

/// Opens a directory by its handle. Retries after ENOMEM, which the kernel returns for a moment
/// while the directory is being removed, before ESTALE (observed with ext4 on Linux 6.18, once in
/// a thousand removals).
UniqueFd open_directory(int root, file_handle* handle) {
    for (auto pause = 50us;; pause *= 2) {
        const int fd = ::open_by_handle_at(root, handle, O_PATH | O_CLOEXEC);
        if (fd >= 0 || errno != ENOMEM || pause > 5ms) return UniqueFd(fd);
        std::this_thread::sleep_for(pause);
    }
}

Place unknown(int error) {
    return {.kind = Place::Kind::unknown, .error = error};
}

}  // namespace

Place TreeHandles::find(std::string_view handle) {
    if (const auto known = known_.find(handle); known != known_.end()) return known->second;
    auto place = look_up(handle);
    if (place.kind == Place::Kind::inside || place.kind == Place::Kind::outside) {
        if (known_.size() >= most_known) known_.clear();
        known_.emplace(handle, place);
    }
    return place;
}

// A directory outside of the visible mount gets a path that does not lead to it. In the worst case
// this path is below the root; the journal then reports a path that has not changed.
Place TreeHandles::look_up(std::string_view handle) const {
    alignas(file_handle) std::array<char, sizeof(file_handle) + MAX_HANDLE_SZ> copy{};
    if (handle.size() > copy.size()) return unknown(EOVERFLOW);
    std::memcpy(copy.data(), handle.data(), handle.size());
    const ReadAnything raised;
    auto* aligned = reinterpret_cast<file_handle*>(copy.data());
    const auto fd = open_directory(root_.get(), aligned);
    if (!fd) return errno == ESTALE ? Place{.kind = Place::Kind::gone} : unknown(errno);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return unknown(errno);
    if (status.st_nlink == 0) return {.kind = Place::Kind::gone};  // a process still has it open
    const auto path = path_of(fd.get());
    if (!path) return unknown(errno);

    auto root = root_path();
    if (root.empty()) return unknown(ENOENT);
    if (*path == root) return {.kind = Place::Kind::inside};
    if (root != "/") root += '/';
    if (!path->starts_with(root)) return {.kind = Place::Kind::outside};
    return {.kind = Place::Kind::inside, .path = path->substr(root.size())};
}

std::string TreeHandles::root_path() const {
    return path_of(root_.get()).value_or("");
}

}  // namespace mastobak::media
