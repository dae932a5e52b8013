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

/// What drills of one place have read of its media. Members of packs are spread over a thousand
/// groups, by their place and a secret number, so that a remote cannot know which ones are next; of
/// a group it is known which set it was read in. So the memory is of one size, however many files
/// there are.
class MediaCoverage {
 public:
    static constexpr unsigned groups = 1000;
    /// By group: how many there are of something.
    using Counts = std::array<std::uint64_t, groups>;

    /// Nothing was read there yet.
    MediaCoverage();

    unsigned group_of(const media::Entry& entry) const;
    /// Whether a drill has read the member of a file: its group, in a set that is not older than
    /// its pack. What a set does not name of its packs was not read, and does not come back to life.
    bool was_read(const media::Entry& entry) const;

    /// The groups that a drill reads next: those that were read longest ago, until there are as
    /// many files in them as wanted.
    /// \param files in each group
    std::vector<bool> next(const Counts& files, std::uint64_t wanted) const;
    /// How many such drills it takes until each group is read that has something unread; nothing:
    /// they never come to an end, because none of them wants any.
    std::optional<std::uint64_t> drills_left(const Counts& files, const Counts& unread,
                                             std::uint64_t wanted) const;
    /// Notes that groups were read.
    /// \param set that was drilled
    void note(const std::vector<bool>& read, const std::string& set);

    /// Reads it from a directory with one file for each place; a new one, where that has none, or
    /// what is there is damaged: that costs nothing but reading again.
    /// \param directory empty: nothing is remembered
    /// \param place     SetSource::name()
    static MediaCoverage read(const std::filesystem::path& directory, const std::string& place);
    /// Writes it durably; of more than a few places, the one not drilled for longest is forgotten.
    /// Throws Error{staging}.
    void write(const std::filesystem::path& directory, const std::string& place) const;

 private:
    struct Group {
        std::uint64_t turn = 0;  ///< counts up with each drill; 0: never
        std::string set{};       ///< the newest one of those that it was read in
    };

    std::vector<unsigned> in_turn() const;
    static MediaCoverage parse(std::string_view text);

    std::uint64_t secret_;
    std::array<Group, groups> groups_;
};

}  // namespace mastobak::restore
