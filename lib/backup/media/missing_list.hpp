// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/files/files.hpp"
#include "reconcile/named_files.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::backup {

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
