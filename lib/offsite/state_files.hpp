// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

/// Paths of the files that the upload worker keeps in the state directory.
namespace mastobak::offsite {

inline std::filesystem::path queue_directory(const std::filesystem::path& state_directory) {
    return state_directory / "queue";
}

inline std::filesystem::path history_file(const std::filesystem::path& state_directory) {
    return state_directory / "offsite-history.json";
}

/// The directory for the temporary files of remotes.
inline std::filesystem::path scratch_directory(const std::filesystem::path& state_directory) {
    return state_directory / "offsite";
}

}  // namespace mastobak::offsite
