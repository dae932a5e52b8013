// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lock_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace mastobak {
namespace {

/// What the holder of the lock wrote into its file: " (process 123)".
std::string holder(int fd) {
    std::array<char, 32> text{};
    const auto n = ::pread(fd, text.data(), text.size() - 1, 0);
    const std::string_view pid(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    const bool number = !pid.empty() && pid.find_first_not_of("0123456789") == pid.npos;
    return number ? fmt::format(" (process {})", pid) : "";
}

}  // namespace

UniqueFd lock_file(const std::filesystem::path& file, std::string_view what, Errc code) {
    UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) throw errno_error(code, fmt::format("open '{}'", file.native()), errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            throw errno_error(code, fmt::format("lock '{}'", file.native()), errno);
        throw Error(Errc::busy, fmt::format("another run{} uses {}", holder(fd.get()), what),
                    "wait for its end, or cancel it");
    }
    // Only for the message above: on a full disk the lock is as good without it.
    const auto pid = fmt::format("{}", ::getpid());
    if (::ftruncate(fd.get(), 0) == 0) [[maybe_unused]]
        const auto written = ::pwrite(fd.get(), pid.data(), pid.size(), 0);
    return fd;
}

}  // namespace mastobak
