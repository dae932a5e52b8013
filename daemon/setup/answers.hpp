// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"

/// What an admin wants of `mastobak setup` beyond what it finds by itself.
namespace mastobak::daemon {

/// Returns a YAML string in double quotes, which has the same syntax as a JSON string.
std::string yaml_string(const std::string& text);

struct SetupAnswers {
    std::vector<std::string> remotes{};       ///< "rclone:REMOTE:PATH", "rsync:HOST:PATH", "/DIR"
    std::vector<std::string> healthchecks{};  ///< URLs, which are secrets
    std::vector<std::string> pings{};         ///< likewise
    std::vector<std::string> mails{};         ///< addresses
    std::string at{};                         ///< "03:00"; empty: the default
    std::string age_key{};                    ///< of the recovery file; empty: none
    /// Whether copies on new remotes of rclone are encrypted; nullopt: there is no answer.
    std::optional<bool> encrypt{};

    bool empty() const {
        return remotes.empty() && healthchecks.empty() && pings.empty() && mails.empty() &&
               at.empty() && age_key.empty() && !encrypt;
    }
};

/// Returns the remote that a text names, with a name of its own: the name of rclone's remote, the
/// host, or the last component of the directory.
/// \param known remotes whose names are taken
/// Throws Error{usage} for another text.
config::Remote remote_of(const std::string& text, const std::vector<config::Remote>& known);

/// Returns the file that defines rclone's remotes: that of the newest remote in the configuration,
/// or the default.
std::filesystem::path rclone_config_of(const config::Config& config);

/// A file with a secret that the configuration names.
struct SecretFile {
    std::filesystem::path path;
    std::string contents;
};

/// A configuration with the answers added.
struct AnsweredText {
    std::string text;
    std::vector<config::Remote> remotes{};  ///< new ones
    std::vector<SecretFile> files{};
};

/// Adds the answers to the text of a configuration. All other lines stay as they are.
/// \param text   a valid configuration
/// \param config what it says
/// Throws Error{usage} for an answer that is not valid, or that `text` has decided otherwise.
AnsweredText with_answers(const std::string& text, const config::Config& config,
                          const SetupAnswers& answers);

}  // namespace mastobak::daemon
