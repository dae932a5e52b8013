// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <utility>

#include "core/files.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// Compares how much comes of a part with how much was asked for: what a server sends has no end
/// of its own.
class PartCounter {
 public:
    PartCounter(const Part& part, std::string remote) : part_(part), remote_(std::move(remote)) {}

    /// Throws Error{offsite} when that is more than was asked for.
    void take(std::uint64_t came) const;
    /// Throws Error{offsite} when that is not all.
    void finish(std::uint64_t came) const;
    const Part& part() const { return part_; }

 private:
    const Part part_;
    const std::string remote_;
};

/// The file that a part of an object is fetched into: gone again unless all of it has come.
class IncomingFile {
 public:
    /// \param remote its name, for messages
    /// Throws Error{offsite} when there is such a file, or none can be made.
    IncomingFile(const Part& part, std::filesystem::path file, std::string remote);
    ~IncomingFile();
    IncomingFile(const IncomingFile&) = delete;
    IncomingFile& operator=(const IncomingFile&) = delete;

    /// Throws Error{offsite} for more than was asked for.
    void write(std::span<const std::byte> data);
    /// Reads the part out of a file that has the whole object.
    /// \param object its path, for messages
    void copy_from(int fd, const std::filesystem::path& object, const std::stop_token& stop);
    /// Throws Error{offsite} when it is less or more than was asked for.
    Digest finish();

 private:
    const PartCounter counter_;
    HashingFile file_;
    bool whole_ = false;
};

}  // namespace mastobak::offsite
