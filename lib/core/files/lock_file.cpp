// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/files/lock_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>

#include "core/files/files.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"

namespace mastobak {
namespace {

/// Returns the PID that the holder of the lock wrote into the file; empty when there is none.
std::string holder(int fd) {
    std::array<char, 32> text{};
    const auto n = ::pread(fd, text.data(), text.size() - 1, 0);
    const std::string pid(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    return pid.find_first_not_of("0123456789") == pid.npos ? pid : "";
}

}  // namespace

UniqueFd lock_file(const std::filesystem::path& file, std::string_view what, Errc code) {
    // Also for root: the daemon's user has to be able to open the file later, and may have created
    // anything in this directory.
    const auto owner = WithRightsOf::owner_of(file.parent_path());
    constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    UniqueFd fd(::open(file.c_str(), flags, 0600));
    struct stat status {};
    if (fd && (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)))
        throw Error(code, fmt::format("'{}' is not a regular file", file.native()));
    if (!fd) throw errno_error(code, fmt::format("open '{}'", file.native()), errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            throw errno_error(code, fmt::format("lock '{}'", file.native()), errno);
        const auto process = holder(fd.get());
        throw Error(Errc::busy,
                    fmt::format("another run{} uses {}",
                                process.empty() ? "" : fmt::format(" (process {})", process), what),
                    "wait for its end, or cancel it");
    }
    // The PID is only for the message above, so a full disk is not an error.
    const auto pid = fmt::format("{}", ::getpid());
    if (::ftruncate(fd.get(), 0) == 0) [[maybe_unused]]
        const auto written = ::pwrite(fd.get(), pid.data(), pid.size(), 0);
    return fd;
}

UniqueFd lock_directory(const std::filesystem::path& directory) {
    make_directories(directory);
    auto fd = open_file(directory, O_RDONLY | O_DIRECTORY);
    while (::flock(fd.get(), LOCK_EX) != 0)
        if (errno != EINTR)
            throw errno_error(Errc::staging, fmt::format("lock '{}'", directory.native()), errno);
    return fd;
}

std::string process_of_lock(const std::filesystem::path& file) {
    const auto owner = WithRightsOf::owner_of(file.parent_path());
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    return fd ? holder(fd.get()) : "";
}

bool holder_is_killed(const std::filesystem::path& file) {
    constexpr unsigned long long sigkill = 1ULL << (SIGKILL - 1);
    constexpr std::string_view state = "State:\t", pending = "SigPnd:\t";
    const auto process = process_of_lock(file);
    if (process.empty()) return false;
    std::ifstream status(fmt::format("/proc/{}/status", process));
    for (std::string line; std::getline(status, line);) {
        // Z: the first thread of a process is a zombie until its last thread has ended.
        if (line.starts_with(state) && line.find_first_of("ZX", state.size()) == state.size())
            return true;
        if (!line.starts_with(pending)) continue;
        const auto signals =
            leading_number<unsigned long long>(std::string_view(line).substr(pending.size()), 16);
        return (signals & sigkill) != 0;
    }
    return false;
}

}  // namespace mastobak
