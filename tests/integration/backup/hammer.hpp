// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace mastobak::test {

/// A Mastodon that never rests: writes, grows, cuts, replaces, renames and removes files of a tree,
/// one after the other, until it is paused.
class Hammer {
 public:
    /// The contents of all files, by their paths in the tree.
    using State = std::map<std::string, std::string>;

    /// \param kinds of_files: only what a change journal tells by paths; no whole directories, and
    ///        files are cut by those who have opened them
    enum class Kinds { all, of_files };
    Hammer(std::filesystem::path tree, unsigned seed, Kinds kinds = Kinds::all);

    /// Returns when it rests, with nothing half-done.
    void pause();
    void go_on();
    /// \return what the tree is now: for while it rests
    State state() const;
    std::size_t blows() const { return blows_; }

 private:
    void strike();
    std::filesystem::path any_path();

    const std::filesystem::path tree_;
    const Kinds kinds_;
    std::mt19937 random_;
    std::mutex working_;  ///< held by who may touch the tree
    std::atomic<std::size_t> blows_ = 0;
    bool paused_ = false;
    std::jthread thread_;
};

}  // namespace mastobak::test
