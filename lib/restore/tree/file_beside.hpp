// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/files/unique_fd.hpp"

namespace mastobak::restore {

/// Returns the temporary name, in the same directory, of a file that will get `name`. It is always
/// the same, so that a restore replaces the temporary file of an interrupted one.
std::string name_beside(std::string_view name);

/// A new file (0600) that is written under a temporary name and renamed to its own name when it is
/// complete. The destructor removes the file if it was not renamed.
class FileBeside {
 public:
    /// \param directory has to stay open as long as this object exists
    /// \param path      used in messages; its last component is the file's name
    /// Throws as throw_target_error does.
    FileBeside(int directory, std::string_view path);
    ~FileBeside();
    FileBeside(const FileBeside&) = delete;
    FileBeside& operator=(const FileBeside&) = delete;

    int fd() const { return fd_.get(); }
    /// Throws Error{environment} when the disk cannot be written.
    void write(std::span<const std::byte> data);
    /// Makes a hole where all bytes are zero, for a file that had holes.
    void write_sparse(std::span<const std::byte> data);
    /// Renames the file to its own name (rename(2)), which replaces an existing file. Call it after
    /// the last write. Throws as throw_target_error does.
    void place();

 private:
    int directory_;
    std::string path_;
    std::string beside_;
    UniqueFd fd_;
    std::uint64_t size_ = 0;
    bool placed_ = false;
};

}  // namespace mastobak::restore
