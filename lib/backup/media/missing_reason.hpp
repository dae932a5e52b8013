// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "core/clock.hpp"
#include "core/unique_fd.hpp"
#include "media/read/opener.hpp"

namespace mastobak::backup {

/// Why a file that the database names is not in the index, as far as the disk can tell afterwards.
enum class Absence {
    missing,     ///< it was not there at the instant: its directory has not changed since
    unclear,     ///< something changed there since the instant: it may have been there
    unreadable,  ///< it is there, and the disk does not give it
    lost,        ///< it is there, unchanged since before the instant: we should have it
};

/// The media tree after the media was noted, as evidence of what was there at the instant.
class MediaTreeProbe {
 public:
    /// \param instant of the database's snapshot
    /// Throws Error{media} when the root cannot be opened.
    MediaTreeProbe(const std::filesystem::path& root, Timestamp instant);

    /// \param path relative to the root
    /// Throws Error{media} when it may not be looked at, Error{cancelled}.
    Absence why_absent(const std::string& path, const std::stop_token& stop);

    /// Whether the file has another size than the index says, and had it at the instant.
    bool had_other_size(const std::string& path, std::uint64_t size) const;

 private:
    bool is_older_than_instant(Timestamp ctime) const;
    bool directory_changed(std::string path) const;
    bool is_readable(const std::string& path, const std::stop_token& stop);

    UniqueFd root_;
    Timestamp instant_;
    media::Opener opener_;
};

}  // namespace mastobak::backup
