// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "media/index/index.hpp"

namespace mastobak::media {

/// Reads an index, entry by entry, in constant memory; a thread of its own decompresses.
class IndexReader {
 public:
    /// What a file has: an index, or parts of one that follow each other. Those need not have the
    /// first and the last line, and nothing tells whether they are all.
    enum class Extent { whole, parts };
    /// Throws Error{corrupt} for a file that is not an index, or is of an unknown version.
    explicit IndexReader(const std::filesystem::path& file, Extent extent = Extent::whole);
    ~IndexReader();
    /// Null at the end; valid until the next call. Throws Error{corrupt} for a damaged or cut file
    /// (a cut one has no end line), a path that is absolute or has "..", an entry out of order.
    const Entry* next();
    /// The line of that entry, without its line break; valid as long.
    std::string_view line() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::media
