// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <system_error>
#include <utility>

#include "core/files.hpp"

namespace mastobak::offsite {

/// A private directory for one call of a program. It is empty at the beginning and removed at the
/// end.
class ScratchDirectory {
 public:
    /// Throws Error{offsite}.
    explicit ScratchDirectory(std::filesystem::path path) : path_(std::move(path)) {
        remove();
        make_directories(path_, 0700, Errc::offsite);
    }
    ~ScratchDirectory() { remove(); }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

 private:
    void remove() const {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::filesystem::path path_;
};

}  // namespace mastobak::offsite
