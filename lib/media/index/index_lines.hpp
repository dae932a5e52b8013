// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "media/index/index.hpp"
#include "media/index/index_line.hpp"

namespace mastobak::media {

/// What a file with lines of an index is.
enum class LinesOf {
    index,   ///< a whole index
    parts,   ///< consecutive parts of an index; they may lack the first and the last line
    changes  ///< the changes of an index since its base
};

/// Reads one file of an index, line by line, in constant memory; a thread of its own decompresses.
class IndexLines {
 public:
    /// Throws Error{corrupt} for a file of another kind, or of an unknown version.
    IndexLines(const std::filesystem::path& file, LinesOf kind);
    ~IndexLines();

    /// Returns the next entry, which is valid until the next call; null at the end. Of an entry
    /// that the changes remove, only the path is known: see removes().
    /// Throws Error{corrupt} for a damaged or truncated file, for a path that is absolute or has
    /// "..", and for an entry out of order.
    const Entry* next();
    /// Moves to the next line without parsing it, which takes a fraction of the time, for a file that
    /// was checked before. Returns false at the end. Throws Error{corrupt} for a truncated file.
    bool next_line();
    /// Parses the current line after next_line(). Throws Error{corrupt}.
    const Entry& parsed();
    /// Returns the line of the current entry, without its line break; valid until the next call.
    std::string_view line() const;
    /// Returns whether the current entry is in the base of these changes and not in their index.
    bool removes() const;
    /// Returns the totals in the last line, after next() has returned null. Those of changes are
    /// those of their index.
    const IndexTotals& totals() const;
    /// Throws Error{corrupt} with the file, the current line and the reason.
    [[noreturn]] void fail(std::string_view why) const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::media
