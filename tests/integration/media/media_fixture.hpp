// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "media/backup_tree.hpp"
#include "media/tree_options.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A media tree, the directory of its packs and indexes, and functions to back up and restore it.
struct MediaFixture {
    TemporaryDirectory directory;
    std::filesystem::path root = directory / "system";
    std::filesystem::path packs = directory / "media";
    media::TreeOptions options;

    MediaFixture();

    void add(const std::string& path, std::string_view contents) { write(root / path, contents); }
    /// Backs up the tree. The next call uses the index of this call as the previous one.
    media::TreeResult backup(const std::string& set = "20261122T030000Z");
    /// Returns the entries of the newest index, by path.
    std::map<std::string, media::Entry> entries() const;
    std::vector<std::string> verify() const;
    /// Reads the contents of a file from its pack.
    std::string contents(const media::Entry& entry) const;

    /// Restores the newest index with zstd, awk and GNU tar, as FORMAT.md and RESTORE.md describe.
    std::filesystem::path restore();
    /// Returns the differences that rsync finds in contents, times, modes, owners, links, ACLs and
    /// xattrs. Directories are left out, because packs do not contain them.
    std::string differences(const std::filesystem::path& restored) const;

    std::filesystem::path index;  ///< the newest index
};

/// Returns the number of an index's entries in each pack.
std::map<std::string, std::uint64_t> entries_used(const media::PacksUsed& packs);

/// Returns the code of the Error that a call throws.
Errc code_of(const std::function<void()>& call);

/// Runs a shell script with arguments, which has to succeed, and returns its output.
std::string script(const std::string& text, std::vector<std::string> arguments);

}  // namespace mastobak::test
