// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <istream>
#include <memory>
#include <string>

namespace mastobak::reconcile {

/// The name of the list in a set, see lib/store/FORMAT.md.
inline constexpr auto missing_list_name = "missing-media.txt";

/// A list of files that are known to be missing, or to have another size: missing-media.txt of a
/// set, or what an administrator has acknowledged of one. It is in the order of NamedFiles, and
/// read in constant memory.
class KnownMissing {
 public:
    /// \param list null: an empty one
    explicit KnownMissing(std::unique_ptr<std::istream> list);

    /// Whether a line has that path. Paths have to come in the order of NamedFiles.
    bool has(const std::string& path);
    /// The same, and whether the line says what is the matter now: a file that is not there is
    /// another thing than one of another size.
    bool has(const std::string& path, bool other_size);

 private:
    void next();

    std::unique_ptr<std::istream> list_;
    std::string line_, path_;
    bool more_ = false;
};

}  // namespace mastobak::reconcile
