// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "media/journal/change_journal.hpp"

namespace mastobak::test {

/// A tree on a file system that supports a change journal (a temporary directory may be on another
/// one), and its journal, which has no gap.
class JournalledTree {
 public:
    explicit JournalledTree(std::vector<std::string> excluded = {}, std::size_t limit = 200'000);
    ~JournalledTree();
    JournalledTree(const JournalledTree&) = delete;
    JournalledTree& operator=(const JournalledTree&) = delete;

    std::filesystem::path operator/(std::string_view path) const { return root_ / path; }
    const std::filesystem::path& root() const { return root_; }
    /// Returns a path outside the tree, on the same file system.
    std::filesystem::path outside(std::string_view name) const { return base_ / name; }

    /// Takes the changes from the journal, checks that it has no gap, and returns the paths.
    std::vector<std::string> changed();
    /// Takes the changes from the journal, and returns the reason for a gap.
    std::string gap();
    /// Takes the changes from the journal, and ignores them.
    void settle() { static_cast<void>(journal.take()); }
    /// Returns another reader of the same group, as after a restart. It begins with a gap.
    media::ChangeJournal another(std::vector<std::string> excluded = {}) const;

    /// Returns the facts that a walk finds about each path.
    std::map<std::string, std::string> look() const;

 private:
    std::filesystem::path base_;
    std::filesystem::path root_;

 public:
    media::ChangeJournal journal;
};

}  // namespace mastobak::test
