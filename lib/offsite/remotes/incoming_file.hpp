// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>

#include "core/files.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// The file that a part of an object is fetched into: gone again unless all of it has come.
class IncomingFile {
 public:
    /// \param remote its name, for messages
    /// Throws Error{offsite} when there is such a file, or none can be made.
    IncomingFile(const Part& part, std::filesystem::path file, std::string remote);
    ~IncomingFile();
    IncomingFile(const IncomingFile&) = delete;
    IncomingFile& operator=(const IncomingFile&) = delete;

    /// Throws Error{offsite} for more than was asked for: what a server sends has no end of its
    /// own.
    void write(std::span<const std::byte> data);
    /// Reads the part out of a file that has the whole object.
    /// \param object its path, for messages
    void copy_from(int fd, const std::filesystem::path& object, const std::stop_token& stop);
    /// Throws Error{offsite} when it is less or more than was asked for.
    Digest finish();

 private:
    const Part part_;
    const std::string remote_;
    HashingFile file_;
    bool whole_ = false;
};

}  // namespace mastobak::offsite
