// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "media/index/index_parts.hpp"
#include "media/index/index_writer.hpp"
#include "restore/selection.hpp"

namespace mastobak::restore {

/// What is wanted of an index that is far away: its parts are fetched as they are needed, each is
/// compared with its hash, and an index of what was asked for is made of them.
class PartialIndex {
 public:
    /// Fetches bytes of the index into a new file.
    using Fetch = std::function<void(Bytes offset, Bytes size, const std::filesystem::path& file,
                                     const std::stop_token& stop)>;

    /// \param parts   as read_index_parts() has them
    /// \param scratch a directory of its own, made here and removed with this
    /// \param name    of the index, for messages: "'sets/S/media.index.zst' at remote 'b2'"
    PartialIndex(std::vector<media::IndexPart> parts, std::filesystem::path scratch,
                 std::string name, Fetch fetch);
    ~PartialIndex();
    PartialIndex(const PartialIndex&) = delete;
    PartialIndex& operator=(const PartialIndex&) = delete;

    struct Made {
        std::filesystem::path file;  ///< a whole index of its own; gone with the PartialIndex
        Bytes size;                  ///< of the parts that it needed, fetched by now or before
    };
    /// An index of the selected paths, of what is below them, and of the files that hard links
    /// among these point to. Nothing where the whole index would cost less.
    /// Throws Error{corrupt} for a part that is not what the list says, and what `fetch` throws.
    std::optional<Made> of(const Selection& selection, const std::stop_token& stop);

 private:
    using Numbers = std::set<std::size_t>;
    using Paths = std::set<std::string, std::less<>>;
    /// Parts that follow each other, in one file.
    struct Run {
        std::size_t end;
        std::filesystem::path file;
    };
    using OnEntry = std::function<void(const media::Entry&, std::string_view line)>;

    void add(Numbers& needed, std::string_view path) const;
    Bytes size_of(const Numbers& needed) const;
    bool is_worth_it(const Numbers& needed) const;
    void fetch(const Numbers& needed, const std::stop_token& stop);
    void check(std::size_t first, const Run& run) const;
    void read(const OnEntry& on_entry, const std::stop_token& stop) const;
    Paths link_targets(const Selection& selection, const std::stop_token& stop) const;
    [[noreturn]] void fail(std::size_t number) const;

    const std::vector<media::IndexPart> parts_;
    const std::filesystem::path scratch_;
    const std::string name_;
    const Fetch fetch_;
    std::map<std::size_t, Run> runs_;  ///< that were fetched, by the number of their first part
    std::size_t made_ = 0;
};

}  // namespace mastobak::restore
