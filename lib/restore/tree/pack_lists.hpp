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

/// What a restore takes from one pack.
struct PackDemand {
    std::uint64_t files = 0;
    Bytes bytes;   ///< of their contents
    Bytes stored;  ///< of their members
};

/// The selected files of an index, told apart by the pack that has them: packs are read one after
/// the other, each from its beginning to its end, whatever the order of the paths. Lists are files
/// in a scratch directory, so that memory does not grow with the number of files.
class PackLists {
 public:
    /// Reads the index.
    /// \param scratch a directory of its own, made here; empty: count only, entries() has nothing
    /// Throws Error{corrupt}, Error{environment} when the scratch directory is full,
    /// Error{cancelled}.
    PackLists(const std::filesystem::path& index, const Selection& selection,
              std::filesystem::path scratch, std::stop_token stop);
    ~PackLists();
    PackLists(const PackLists&) = delete;
    PackLists& operator=(const PackLists&) = delete;

    const std::map<std::string, PackDemand>& packs() const { return packs_; }
    PackDemand total() const;
    /// The files of a pack, by their place in it.
    std::vector<media::Entry> entries(const std::string& pack) const;
    /// Selected paths that the index does not have, neither as a file nor as a directory.
    const std::vector<std::string>& unknown() const { return unknown_; }

 private:
    void spread(const std::filesystem::path& index, const Selection& selection,
                std::stop_token stop);
    void add_targets(const std::filesystem::path& index, std::stop_token stop);
    void add(const media::Entry& entry, std::string_view line);
    void flush(const std::string& pack, std::string& lines);

    std::filesystem::path scratch_;
    std::map<std::string, PackDemand> packs_;
    std::map<std::string, std::string> waiting_;  ///< lines that are not in a list yet
    /// Links whose target is not selected, by that target: they become files of their own.
    std::multimap<std::string, std::string> lone_links_;
    std::vector<std::string> unknown_;
};

}  // namespace mastobak::restore
