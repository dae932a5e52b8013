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

/// A media tree, a place for its packs and indexes, and what is done with them.
struct MediaFixture {
    TemporaryDirectory directory;
    std::filesystem::path root = directory / "system";
    std::filesystem::path packs = directory / "media";
    media::TreeOptions options;

    MediaFixture();

    void add(const std::string& path, std::string_view contents) { write(root / path, contents); }
    /// A night; the one after it has this one's index as its previous.
    media::TreeResult backup(const std::string& set = "20261122T030000Z");
    /// Entries of the newest index by path.
    std::map<std::string, media::Entry> entries() const;
    std::vector<std::string> verify() const;
    /// Contents of a file, out of its pack.
    std::string contents(const media::Entry& entry) const;

    /// Restores the newest index with zstd, awk and GNU tar, as FORMAT.md and RESTORE.md say.
    std::filesystem::path restore();
    /// What rsync finds to differ in contents, times, modes, owners, links, ACLs and xattrs;
    /// directories are left out: packs have none.
    std::string differences(const std::filesystem::path& restored) const;

    std::filesystem::path index;  ///< the newest
};

/// How many entries of an index are in which pack.
std::map<std::string, std::uint64_t> entries_used(const media::PacksUsed& packs);

/// The code of the Error that the call throws.
Errc code_of(const std::function<void()>& call);

/// Runs a shell script, with arguments, and returns its output. It has to succeed.
std::string script(const std::string& text, std::vector<std::string> arguments);

}  // namespace mastobak::test
