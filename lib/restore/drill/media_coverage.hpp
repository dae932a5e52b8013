// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/index/index.hpp"

namespace mastobak::restore {

/// Records which media of one place the drills have read. Members of packs are spread over a
/// thousand groups, by their pack, their offset and a secret number, so that a remote cannot know
/// which members are read next. For each group the record has the newest set in which it was read,
/// so its size does not grow with the number of files.
class MediaCoverage {
 public:
    static constexpr unsigned groups = 1000;
    /// For each group, a number of files.
    using Counts = std::array<std::uint64_t, groups>;

    /// Makes a record in which no group was read.
    MediaCoverage();

    unsigned group_of(const media::Entry& entry) const;
    /// Returns whether a drill has read the member of a file: its group was read, in a set that is
    /// not older than the member's pack. A newer pack's members are unread.
    bool was_read(const media::Entry& entry) const;

    /// Returns the groups that a drill reads next: those that were read longest ago, until they
    /// have as many files as wanted.
    /// \param files  number of files in each group
    /// \param wanted number of files
    std::vector<bool> next(const Counts& files, std::uint64_t wanted) const;
    /// Returns how many drills of that size it takes until all groups with unread files are read;
    /// empty if they never will, because `wanted` is 0.
    std::optional<std::uint64_t> drills_left(const Counts& files, const Counts& unread,
                                             std::uint64_t wanted) const;
    /// Records that groups were read.
    /// \param set name of the drilled set
    void note(const std::vector<bool>& read, const std::string& set);

    /// Reads the record from a directory that has one file for each place. Returns a new record if
    /// the file is missing or damaged, which only costs reading media again.
    /// \param directory empty: returns a new record
    /// \param place     SetSource::name()
    static MediaCoverage read(const std::filesystem::path& directory, const std::string& place);
    /// Writes the record durably. Removes the records of the places that were drilled longest ago,
    /// if there are more than 32.
    /// Throws Error{staging}.
    void write(const std::filesystem::path& directory, const std::string& place) const;

 private:
    struct Group {
        std::uint64_t turn = 0;  ///< number of the last drill that read it; 0: never read
        std::string set{};       ///< the newest set in which it was read
    };

    std::vector<unsigned> in_turn() const;
    static MediaCoverage parse(std::string_view text);

    std::uint64_t secret_;
    std::array<Group, groups> groups_;
};

}  // namespace mastobak::restore
