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

/// An index of selected paths, made from an index at a remote. Fetches only the parts that it
/// needs, and compares each with its hash.
class PartialIndex {
 public:
    /// Fetches bytes of the index into a new file.
    using Fetch = std::function<void(Bytes offset, Bytes size, const std::filesystem::path& file,
                                     const std::stop_token& stop)>;

    /// \param parts   result of read_index_parts()
    /// \param changes the changes of the index since the base that has these parts; empty: none
    /// \param scratch a directory of its own, which is created here and removed by the destructor
    /// \param name    used in messages: "'sets/S/media.index.zst' at remote 'b2'"
    PartialIndex(std::vector<media::IndexPart> parts, std::filesystem::path changes,
                 std::filesystem::path scratch, std::string name, Fetch fetch);
    ~PartialIndex();
    PartialIndex(const PartialIndex&) = delete;
    PartialIndex& operator=(const PartialIndex&) = delete;

    /// An index of selected paths.
    struct Made {
        std::filesystem::path file;  ///< a complete index; removed by the PartialIndex's destructor
        Bytes size;                  ///< size of the needed parts, fetched now or earlier
    };
    /// Makes an index of the selected paths, of everything below them, and of the files that hard
    /// links among these point to. Returns nullopt if fetching the whole index costs less.
    /// Throws Error{corrupt} for a part that differs from the list, and the exceptions of `fetch`.
    std::optional<Made> of(const Selection& selection, const std::stop_token& stop);

 private:
    using Numbers = std::set<std::size_t>;
    using Paths = std::set<std::string, std::less<>>;
    /// Consecutive parts that were fetched into one file.
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
    void read_parts(const OnEntry& on_entry, const std::stop_token& stop) const;
    Paths link_targets(const Selection& selection, const std::stop_token& stop) const;
    [[noreturn]] void fail(std::size_t number) const;

    const std::vector<media::IndexPart> parts_;
    const std::filesystem::path changes_;
    const std::filesystem::path scratch_;
    const std::string name_;
    const Fetch fetch_;
    std::map<std::size_t, Run> runs_;  ///< fetched, by the number of their first part
    std::size_t made_ = 0;
};

}  // namespace mastobak::restore
