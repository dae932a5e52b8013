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

/// A media tree, a staging directory that is too small for it, and remotes that are directories:
/// the nights of such a host, without its database.
class SmallStaging {
 public:
    SmallStaging();

    void add_files(unsigned count, unsigned size);
    void add_remote(const std::string& name);

    /// A night, to its end.
    store::Manifest back_up(std::stop_token stop = {});
    /// The same in a child, which is killed as soon as the condition holds.
    void back_up_killed_when(const std::function<bool()>& condition);
    /// Copies the newest set to every remote. \return what went wrong
    std::vector<std::string> upload();

    /// Names of the packs at a remote, in unfinished/ with their file, in media/.
    std::vector<std::string> packs_at(const std::string& remote) const;
    std::vector<std::string> packs_unfinished() const;
    std::vector<std::string> packs_here() const;
    std::filesystem::path target(const std::string& remote) const { return directory / remote; }

    /// What verification has to say of a copy of staging.
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

/// Bytes of the files below a directory that others work in.
Bytes bytes_below(const std::filesystem::path& directory);

/// The most that was in a directory while something was done.
class Peak {
 public:
    explicit Peak(std::filesystem::path directory);
    Bytes stop();

 private:
    Bytes most_;
    std::jthread thread_;
};

}  // namespace mastobak::test
