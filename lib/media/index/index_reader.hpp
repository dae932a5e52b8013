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
    /// Whether a file is a whole index, or consecutive parts of one. Parts may lack the first and
    /// the last line, so the reader cannot detect a missing part.
    enum class Extent { whole, parts };
    /// Throws Error{corrupt} for a file that is not an index, or is of an unknown version.
    explicit IndexReader(const std::filesystem::path& file, Extent extent = Extent::whole);
    ~IndexReader();
    /// Returns the next entry, which is valid until the next call; null at the end.
    /// Throws Error{corrupt} for a damaged or truncated file (it has no end line), for a path that
    /// is absolute or has "..", and for an entry out of order.
    const Entry* next();
    /// Returns the line of the current entry, without its line break; valid until the next call.
    std::string_view line() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::media
