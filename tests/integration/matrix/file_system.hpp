// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mastobak::test {

/// A file system of one kind, mounted in a directory until the object is destroyed. Needs root.
class FileSystem {
 public:
    /// \param kind  one of kinds()
    /// \param where directory of its image and its mount point; made if it does not exist. A
    ///              read-only file system gets the contents of WHERE/tree, which must exist
    FileSystem(const std::string& kind, std::filesystem::path where);
    ~FileSystem();
    FileSystem(const FileSystem&) = delete;
    FileSystem& operator=(const FileSystem&) = delete;

    /// Returns all kinds. "this disk" is the file system of the directory itself.
    static const std::vector<std::string>& kinds();

    /// Returns its root directory. Call it only if why_not() is empty.
    const std::filesystem::path& root() const { return root_; }
    /// Returns whether the file system is read-only, and so usable only for a media tree.
    bool is_read_only() const { return kind_ == "squashfs"; }
    /// Returns whether it stores only contents and names, but no links, owners and modes of files.
    bool has_contents_alone() const { return kind_.starts_with("exfat"); }
    /// Returns a name that other file systems can have and this one cannot; empty if there is none.
    std::string refused_name() const;
    /// Returns whether staging is refused there, because all users could read the secrets.
    bool refuses_staging() const { return kind_ == "exfat that all may read"; }
    /// Returns why the kernel or this host does not have it; empty if it is mounted.
    const std::string& why_not() const { return why_not_; }

 private:
    const std::string kind_;
    std::filesystem::path root_;
    std::string why_not_;
    bool mounted_ = false;
};

}  // namespace mastobak::test
