// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mastobak::test {

/// A file system of a kind, in a directory, until it goes away. As root.
class FileSystem {
 public:
    /// \param kind  one of kinds()
    /// \param where for its image and the place that it is mounted at; made if it is not there. What
    ///              a read-only one shall hold is in WHERE/tree by then.
    FileSystem(const std::string& kind, std::filesystem::path where);
    ~FileSystem();
    FileSystem(const FileSystem&) = delete;
    FileSystem& operator=(const FileSystem&) = delete;

    /// "this disk" is the one of the directory itself.
    static const std::vector<std::string>& kinds();

    /// Its root. Only where why_not() is empty.
    const std::filesystem::path& root() const { return root_; }
    /// Whether it holds a media tree alone.
    bool is_read_only() const { return kind_ == "squashfs"; }
    /// Whether it has contents and names, and no links, owners and modes of single files.
    bool has_contents_alone() const { return kind_.starts_with("exfat"); }
    /// Whether staging is refused there: secrets would be readable.
    bool refuses_staging() const { return kind_ == "exfat that all may read"; }
    /// The kernel, or this host, does not have it.
    const std::string& why_not() const { return why_not_; }

 private:
    const std::string kind_;
    std::filesystem::path root_;
    std::string why_not_;
    bool mounted_ = false;
};

}  // namespace mastobak::test
