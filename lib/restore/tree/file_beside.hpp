// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/unique_fd.hpp"

namespace mastobak::restore {

/// The name under which something is made that will get `name`, in the same directory: always the
/// same, so that what an interrupted restore left is replaced by the next one.
std::string name_beside(std::string_view name);

/// A new file (0600) that is written beside its name, and takes its place when it is whole. The
/// destructor removes one that was not placed.
class FileBeside {
 public:
    /// \param directory open as long as this
    /// \param path      for messages
    /// Throws as throw_target_error.
    FileBeside(int directory, std::string_view path);
    ~FileBeside();
    FileBeside(const FileBeside&) = delete;
    FileBeside& operator=(const FileBeside&) = delete;

    int fd() const { return fd_.get(); }
    void write(std::span<const std::byte> data);
    /// Leaves a hole where all bytes are zero: for a file that had holes.
    void write_sparse(std::span<const std::byte> data);
    /// After the last write: rename(2), over what is there.
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
