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
    /// \param where for its image and the place that it is mounted at; made if it is not there
    FileSystem(const std::string& kind, std::filesystem::path where);
    ~FileSystem();
    FileSystem(const FileSystem&) = delete;
    FileSystem& operator=(const FileSystem&) = delete;

    /// "this disk" is the one of the directory itself.
    static const std::vector<std::string>& kinds();

    /// Its root. Only where why_not() is empty.
    const std::filesystem::path& root() const { return root_; }
    /// The kernel, or this host, does not have it.
    const std::string& why_not() const { return why_not_; }

 private:
    std::filesystem::path root_;
    std::string why_not_;
    bool mounted_ = false;
};

}  // namespace mastobak::test
