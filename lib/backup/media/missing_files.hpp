// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/files/files.hpp"
#include "core/files/unique_fd.hpp"
#include "media/read/media_file.hpp"
#include "reconcile/named_files.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::backup {

/// Why a file that the database names is not in the index, as far as the disk shows afterwards.
enum class Absence {
    missing,     ///< it did not exist at the instant: its directory has not changed since
    unclear,     ///< its directory has changed since the instant: it may have existed
    unreadable,  ///< it exists, but reading it fails
    lost,        ///< it exists, unchanged since before the instant: the set should have it
};

/// Examines the media tree after the index was made, to find out which files existed at the
/// instant.
class MediaTreeProbe {
 public:
    /// \param instant the instant of the database snapshot
    /// Throws Error{media} when the root cannot be opened.
    MediaTreeProbe(const std::filesystem::path& root, Timestamp instant);

    /// Returns why a file is not in the index.
    /// \param path relative to the root
    /// Throws Error{media} when access is denied, Error{cancelled}.
    Absence why_absent(const std::string& path, const std::stop_token& stop);

    /// Returns whether the size of the file differs from the size in the index and did so at the
    /// instant.
    bool had_other_size(const std::string& path, std::uint64_t size) const;

 private:
    bool is_older_than_instant(Timestamp ctime) const;
    bool directory_changed(std::string path) const;
    bool is_readable(const std::string& path, const std::stop_token& stop);

    UniqueFd root_;
    Timestamp instant_;
    media::Opener opener_;
};

/// Writes missing-media.txt: the files that the database names and that the set lacks or has with
/// another size. lib/store/FORMAT.md describes the format. The file is created with its first line.
class MissingList {
 public:
    explicit MissingList(std::filesystem::path file) : path_(std::move(file)) {}

    /// \param reason "missing", "unclear", "unreadable", "size"
    /// \param size the size in the index
    /// Throws Error{staging}.
    void add(std::string_view reason, const reconcile::NamedFile& named,
             std::optional<std::uint64_t> size);

    /// Syncs and closes the file.
    /// \return nullopt when there is no file
    std::optional<store::Artifact> finish();

 private:
    void flush();

    std::filesystem::path path_;
    std::optional<HashingFile> file_;
    std::string buffer_;
};

}  // namespace mastobak::backup
