// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/hanging_disk.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "core/process/process.hpp"
#include "support/catch.hpp"
#include "support/must_run.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;
namespace {

/// Runs in another process, and waits until all copies of the other end of the pipe are closed.
pid_t start_guard(int pipe, int other_end, int root) {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid > 0) return pid;
    ::close(other_end);
    char ignored = 0;
    while (::read(pipe, &ignored, 1) > 0) {
    }
    ::ioctl(root, FITHAW, 0);
    ::_exit(0);
}

}  // namespace

HangingDisk::HangingDisk(fs::path where) : where_(std::move(where)) {
    fs::create_directories(where_);
    const auto image = where_.native() + ".image";
    must_run({"truncate", "-s", "64M", image});
    must_run({"mkfs.ext4", "-q", "-O", "^has_journal", image});
    must_run({"mount", "-o", "loop", image, where_.native()});
    root_ = UniqueFd(::open(where_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const UniqueFd pipe(ends[0]);
    alive_ = UniqueFd(ends[1]);
    guard_ = start_guard(pipe.get(), alive_.get(), root_.get());
}

HangingDisk::~HangingDisk() {
    go_on();
    alive_.reset();
    ::waitpid(guard_, nullptr, 0);
    root_.reset();
    ::umount2(where_.c_str(), MNT_DETACH);
}

void HangingDisk::hang() const {
    REQUIRE(::ioctl(root_.get(), FIFREEZE, 0) == 0);
}

void HangingDisk::go_on() const {
    ::ioctl(root_.get(), FITHAW, 0);
}

}  // namespace mastobak::test
