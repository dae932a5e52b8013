// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "backup/media/media_passes.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "store/staging.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A host whose staging directory is too small for its media tree, with directories as remotes. Its
/// backups do not include a database.
class SmallStaging {
 public:
    SmallStaging();

    void add_files(unsigned count, unsigned size);
    void add_remote(const std::string& name);

    /// Makes a backup.
    store::Manifest back_up(std::stop_token stop = {});
    /// Makes a backup in a child process, and kills it as soon as the condition holds.
    void back_up_killed_when(const std::function<bool()>& condition);
    /// Copies the newest set to every remote. \return the problems
    std::vector<std::string> upload();

    /// Returns the names of the packs at a remote.
    std::vector<std::string> packs_at(const std::string& remote) const;
    /// Returns the names of the packs in unfinished/ whose file exists.
    std::vector<std::string> packs_unfinished() const;
    /// Returns the names of the packs in media/.
    std::vector<std::string> packs_here() const;
    std::filesystem::path target(const std::string& remote) const { return directory / remote; }

    /// Returns the problems that the verification of a copy of staging finds.
    static std::vector<std::string> damage(const std::filesystem::path& root);

    TemporaryDirectory directory;
    config::Config config;
    store::Staging staging{directory / "staging"};
    std::vector<std::string> notes;
    std::function<void(std::string_view)> on_progress;

 private:
    backup::Plan plan_;
    std::mt19937_64 random_{1};
    unsigned made_ = 0;
    Timestamp now_;
};

/// Returns the size of the files below a directory, which may change meanwhile.
Bytes bytes_below(const std::filesystem::path& directory);

/// Measures the peak size of a directory until stop().
class Peak {
 public:
    explicit Peak(std::filesystem::path directory);
    Bytes stop();

 private:
    Bytes most_;
    std::jthread thread_;
};

}  // namespace mastobak::test
