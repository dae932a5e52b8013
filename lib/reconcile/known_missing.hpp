// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <istream>
#include <memory>
#include <string>
#include <string_view>

namespace mastobak::reconcile {

/// The name of the list in a set. lib/store/FORMAT.md specifies its format.
inline constexpr auto missing_list_name = "missing-media.txt";

/// The warning about the files of the list begins with their number and one of these texts. No
/// other warning does: names of files are in quotes there.
inline constexpr std::string_view named_file = "file that the database names";
inline constexpr std::string_view named_files = "files that the database names";

/// Reads a list of files that are known to be missing or to have another size: missing-media.txt of
/// a set, or the list of files that an administrator has acknowledged. The list is in the order of
/// NamedFiles and is read in constant memory.
class KnownMissing {
 public:
    /// \param list null: the list is empty
    explicit KnownMissing(std::unique_ptr<std::istream> list);

    /// Returns whether the list has this path. Successive calls have to follow the order of
    /// NamedFiles.
    bool has(const std::string& path);
    /// Returns whether the list has this path with the same fault. The order is as above.
    /// \param other_size true: the file has another size; false: the file is missing
    bool has(const std::string& path, bool other_size);

 private:
    void next();

    std::unique_ptr<std::istream> list_;
    std::string line_, path_;
    bool more_ = false;
};

}  // namespace mastobak::reconcile
