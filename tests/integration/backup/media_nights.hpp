// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backup/media/media_passes.hpp"
#include "media/journal/change_journal.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// Runs with only the media steps, with a change journal.
class MediaNights {
 public:
    MediaNights();

    void add(const std::string& path, const std::string& contents) { write(root / path, contents); }

    /// Events during a run.
    struct Meanwhile {
        std::function<void()> in_first_pass = [] {};
        std::function<void()> before_freeze = [] {};
        bool fails = false;  ///< the run fails after the freeze
    };
    void night(const Meanwhile& meanwhile);
    void night() { night(Meanwhile{}); }

    /// Returns the files of the newest set, and the digests of their contents.
    std::map<std::string, std::string> files() const;
    /// Returns the same for the tree.
    std::map<std::string, std::string> tree() const;
    /// Returns the problems that the verification of all sets finds.
    std::vector<std::string> damage() const;
    bool noted(std::string_view text) const;

    TemporaryDirectory directory;
    std::filesystem::path root = directory / "system";
    config::Config config;
    backup::Plan plan;
    std::unique_ptr<media::ChangeJournal> journal;

    // Results of the last run.
    store::Manifest manifest;
    std::vector<std::string> notes;
    std::vector<std::string> warnings;

 private:
    std::optional<backup::PreviousMedia> previous() const;
    int nights_ = 0;
};

}  // namespace mastobak::test
