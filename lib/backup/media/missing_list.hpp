// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/files.hpp"
#include "reconcile/named_files.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::backup {

/// missing-media.txt: the files that the database names and the set does not have, or has with
/// another size. lib/store/FORMAT.md has the format. Without a line there is no file.
class MissingList {
 public:
    explicit MissingList(std::filesystem::path file) : path_(std::move(file)) {}

    /// \param reason "missing", "unclear", "unreadable", "size"
    /// \param size in the index
    /// Throws Error{staging}.
    void add(std::string_view reason, const reconcile::NamedFile& named,
             std::optional<std::uint64_t> size);

    /// fsync and close. Nothing if there is no file.
    std::optional<store::Artifact> finish();

 private:
    void flush();

    std::filesystem::path path_;
    std::optional<HashingFile> file_;
    std::string buffer_;
};

}  // namespace mastobak::backup
