// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"

namespace mastobak::media {

/// Reads several indexes at the same time, path by path, in constant memory for each.
class SideBySide {
 public:
    /// Throws as the constructor of IndexReader does.
    explicit SideBySide(const std::vector<IndexFiles>& indexes);

    /// Moves to the next path, in the order of an index, that any of the indexes has. Returns false
    /// at the end of all. Throws as IndexReader::next() does.
    bool next();
    /// Returns the current path.
    const std::string& path() const { return path_; }
    /// Returns the entry of the current path in an index; null when that index does not have it.
    /// Valid until next().
    /// \param number of the index, from 0
    const Entry* entry(std::size_t number) const;

 private:
    struct Index {
        std::unique_ptr<IndexReader> reader;
        const Entry* next = nullptr;  ///< null: the end was reached
        bool is_current = true;       ///< `next` has the current path
    };
    std::vector<Index> indexes_;
    std::string path_;
};

/// Returns whether two entries have the same type and contents: size and digest of a file, target of
/// a link. Owners, permissions and times may differ.
bool same_contents(const Entry& a, const Entry& b);

}  // namespace mastobak::media
