// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <system_error>
#include <utility>

#include "core/files/files.hpp"

/// Internal to dumps/.
namespace mastobak::dumps {

/// A new file that the destructor removes, unless keep() was called.
class NewFile {
 public:
    /// Throws Error{staging}.
    explicit NewFile(std::filesystem::path path) : file_(std::move(path)) {}
    ~NewFile() {
        if (kept_) return;
        std::error_code ignored;  // the failure of the dump itself is reported
        std::filesystem::remove(file_.path(), ignored);
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    HashingFile& file() { return file_; }
    void keep() { kept_ = true; }

 private:
    HashingFile file_;
    bool kept_ = false;
};

}  // namespace mastobak::dumps
