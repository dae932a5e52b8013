// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <stdexcept>
#include <utility>

#include "core/files/unique_fd.hpp"
#include "support/eventually.hpp"

namespace mastobak::test {

/// A FIFO at which a program waits for its test: the program reads it to the end, `cat "$gate"`.
/// A confined program can do this in its own directory even if it may not create files there.
class Gate {
 public:
    explicit Gate(std::filesystem::path fifo) : fifo_(std::move(fifo)) {
        if (::mkfifo(fifo_.c_str(), 0600) != 0) throw std::runtime_error("mkfifo failed");
    }

    /// Waits until the program has opened the FIFO.
    bool is_reached() {
        return eventually([this] {
            held_.reset(::open(fifo_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
            return static_cast<bool>(held_);
        });
    }
    /// Lets the program continue.
    void open() { held_.reset(); }

 private:
    std::filesystem::path fifo_;
    UniqueFd held_;
};

}  // namespace mastobak::test
