// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/files/unique_fd.hpp"
#include "media/read/media_file.hpp"

namespace mastobak::media {

/// An open directory of the tree; files in it are opened relative to it, so that no other process
/// can exchange a directory above them for a symlink.
struct Directory {
    UniqueFd fd;
    std::string path;  ///< relative to the root; empty for the root itself

    Directory(UniqueFd opened, std::string relative)
        : fd(std::move(opened)), path(std::move(relative)) {}
    /// Returns the path of a name in this directory.
    std::string child(const char* name) const { return path.empty() ? name : path + '/' + name; }
};

/// Opens a directory below another one component by component, so that no symlink is followed.
/// \param root descriptor of the other directory
/// \param path relative to it; not empty
/// \return an empty descriptor on failure, with errno
UniqueFd open_directory(Opener& opener, int root, const std::string& path);

/// The names of a directory, sorted bytewise. Compact, for directories with millions of names.
class Names {
 public:
    /// Reads all names except "." and "..". May be called once.
    /// \param directory descriptor that is open for reading
    /// \param block a buffer for getdents64(2), reused between directories
    /// \return 0, or an errno; the names that were read before the failure are kept
    int read(int directory, std::vector<char>& block);

    std::size_t size() const { return starts_.size(); }
    const char* operator[](std::size_t i) const { return text_.data() + starts_[i] + 1; }
    /// Returns the type of a name as the directory lists it, without a stat: DT_DIR, …, DT_UNKNOWN.
    unsigned char type(std::size_t i) const {
        return static_cast<unsigned char>(text_[starts_[i]]);
    }

 private:
    std::string text_;  ///< type, name, NUL; type, name, NUL; …
    std::vector<std::size_t> starts_;
};

/// The extended attributes of a directory. The index stores them, because a directory has no member
/// in a pack. lib/store/FORMAT.md specifies the format.
using Xattrs = std::vector<std::pair<std::string, std::string>>;

/// Returns the text for the index; empty when there are no attributes.
std::string encode_xattrs(const Xattrs& xattrs);

/// Reverses encode_xattrs(). Throws Error{corrupt} for any other text.
Xattrs decode_xattrs(std::string_view text);

}  // namespace mastobak::media
