// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "media/index/index.hpp"
#include "restore/selection.hpp"

namespace mastobak::restore {

/// How much a restore reads from one pack.
struct PackDemand {
    std::uint64_t files = 0;
    Bytes bytes;   ///< size of the files' contents
    Bytes stored;  ///< size of the members with their headers
};

/// The selected files of an index, separated by pack. A restore reads pack after pack, each from
/// its beginning to its end, whatever the order of the paths. The lists are files in a scratch
/// directory, so that memory does not grow with the number of files.
class PackLists {
 public:
    /// Reads the index.
    /// \param scratch a directory of its own, which is created and removed again; empty: files are
    ///                only counted, and entries() returns none
    /// Throws Error{corrupt}, Error{environment} when the scratch directory is full,
    /// Error{cancelled}.
    PackLists(const media::IndexFiles& index, const Selection& selection,
              std::filesystem::path scratch, std::stop_token stop);
    ~PackLists();
    PackLists(const PackLists&) = delete;
    PackLists& operator=(const PackLists&) = delete;

    const std::map<std::string, PackDemand>& packs() const { return packs_; }
    PackDemand total() const;
    /// Returns the files of a pack, sorted by offset.
    std::vector<media::Entry> entries(const std::string& pack) const;
    /// Returns the selected paths that the index has neither as a file nor as a directory.
    const std::vector<std::string>& unknown() const { return unknown_; }

 private:
    void spread(const media::IndexFiles& index, const Selection& selection, std::stop_token stop);
    void add_targets(const media::IndexFiles& index, std::stop_token stop);
    void add(const media::Entry& entry, std::string_view line);
    void flush(const std::string& pack, std::string& lines);

    std::filesystem::path scratch_;
    std::map<std::string, PackDemand> packs_;
    std::map<std::string, std::string> waiting_;  ///< lines that are not written yet, by pack
    /// Hard links whose target is not selected, by that target. They are restored as files of their
    /// own.
    std::multimap<std::string, std::string> lone_links_;
    std::vector<std::string> unknown_;
};

}  // namespace mastobak::restore
