// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "media/journal/change_journal.hpp"

namespace mastobak::test {

/// A tree on a file system that has a journal (a temporary directory may be on one without), and
/// its journal, which is whole already.
class JournalledTree {
 public:
    explicit JournalledTree(std::vector<std::string> excluded = {}, std::size_t limit = 200'000);
    ~JournalledTree();
    JournalledTree(const JournalledTree&) = delete;
    JournalledTree& operator=(const JournalledTree&) = delete;

    std::filesystem::path operator/(std::string_view path) const { return root_ / path; }
    const std::filesystem::path& root() const { return root_; }
    /// On the same file system.
    std::filesystem::path outside(std::string_view name) const { return base_ / name; }

    /// The paths taken from the journal, after a check that there is no gap.
    std::vector<std::string> changed();
    /// The gap taken from it.
    std::string gap();
    /// Takes and forgets.
    void settle() { static_cast<void>(journal.take()); }
    /// Another reader of the same group, as after a restart; it begins with a gap.
    media::ChangeJournal another(std::vector<std::string> excluded = {}) const;

    /// What a walk sees of each path.
    std::map<std::string, std::string> look() const;

 private:
    std::filesystem::path base_;
    std::filesystem::path root_;

 public:
    media::ChangeJournal journal;
};

}  // namespace mastobak::test
