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

/// Nights of nothing but media, with a change journal.
class MediaNights {
 public:
    MediaNights();

    void add(const std::string& path, const std::string& contents) { write(root / path, contents); }

    /// What happens meanwhile, and what is not to happen.
    struct Meanwhile {
        std::function<void()> in_first_pass = [] {};
        std::function<void()> before_freeze = [] {};
        bool fails = false;  ///< after the freeze
    };
    void night(const Meanwhile& meanwhile);
    void night() { night(Meanwhile{}); }

    /// Of the newest set: what is in it as files, with their contents' digests.
    std::map<std::string, std::string> files() const;
    /// The same of the tree.
    std::map<std::string, std::string> tree() const;
    /// What verification has to say of all sets.
    std::vector<std::string> damage() const;
    bool noted(std::string_view text) const;

    TemporaryDirectory directory;
    std::filesystem::path root = directory / "system";
    config::Config config;
    backup::Plan plan;
    std::unique_ptr<media::ChangeJournal> journal;

    // Of the last night.
    store::Manifest manifest;
    std::vector<std::string> notes;
    std::vector<std::string> warnings;

 private:
    std::optional<backup::PreviousMedia> previous() const;
    int nights_ = 0;
};

}  // namespace mastobak::test
