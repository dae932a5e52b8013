// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/staging.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"
#include "store/names.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

namespace {

constexpr Bytes largest_manifest{std::uint64_t{16} << 20};

/// What the holder of the lock wrote into its file: " (process 123)".
std::string holder(int fd) {
    std::array<char, 32> text{};
    const auto n = ::pread(fd, text.data(), text.size() - 1, 0);
    const std::string_view pid(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    const bool number = !pid.empty() && pid.find_first_not_of("0123456789") == pid.npos;
    return number ? fmt::format(" (process {})", pid) : "";
}

}  // namespace

Staging::Staging(fs::path root) : root_(std::move(root)) {}

void Staging::prepare() const {
    for (const auto& directory : {sets(), media(), partial()}) make_directories(directory);
}

std::vector<std::string> Staging::list() const {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(sets(), error), end; !error && it != end; it.increment(error))
        if (std::error_code ignored; is_set_name(it->path().filename().native()) &&
                                     it->symlink_status(ignored).type() == fs::file_type::directory)
            names.push_back(it->path().filename());
    // No set has been made where there is no such directory yet.
    if (error && error != std::errc::no_such_file_or_directory)
        throw errno_error(Errc::staging, fmt::format("read '{}'", sets().native()), error.value());
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<std::string> Staging::latest() const {
    auto names = list();
    if (names.empty()) return std::nullopt;
    return std::move(names.back());
}

Manifest Staging::manifest(const std::string& name) const {
    const auto file = set(name) / "manifest.json";
    auto manifest = parse_manifest(read_file(file, Errc::corrupt, largest_manifest), file.native());
    if (manifest.set != name)
        throw Error(Errc::corrupt, fmt::format("'{}' is the manifest of another set, '{}'",
                                               file.native(), manifest.set));
    return manifest;
}

UniqueFd lock(const Staging& staging) {
    const auto file = staging.root() / ".lock";
    UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) throw errno_error(Errc::staging, fmt::format("open '{}'", file.native()), errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            throw errno_error(Errc::staging, fmt::format("lock '{}'", file.native()), errno);
        throw Error(
            Errc::busy,
            fmt::format("another run{} uses '{}'", holder(fd.get()), staging.root().native()),
            "wait for its end, or cancel it");
    }
    // Only for the message above: on a full disk the lock is as good without it.
    const auto pid = fmt::format("{}", ::getpid());
    if (::ftruncate(fd.get(), 0) == 0) [[maybe_unused]]
        const auto written = ::pwrite(fd.get(), pid.data(), pid.size(), 0);
    return fd;
}

}  // namespace mastobak::store
