// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/crypto/row_digest.hpp"

namespace mastobak::postgres {

/// A row that two tables have in different ways, by the values of its key alone.
struct FoundRow {
    enum class Kind {
        changed,   ///< both have a row of that key, in which columns differ
        missing,   ///< only the first has it
        added,     ///< only the second has it
        repeated,  ///< both have it, not equally often
    };
    Kind kind = Kind::changed;
    std::string key{};                   ///< "id=7", harmless and short
    std::vector<std::string> columns{};  ///< that differ, where it is `changed`
    std::int64_t then = 0, now = 0;      ///< how often each has it
};

/// What a search has found in one table.
struct FoundRows {
    std::vector<FoundRow> rows{};  ///< the first ones, by their keys
    std::uint64_t keys = 0;        ///< that differ, of those that were looked through
    bool all = true;               ///< every key was looked through
    /// These rows alone make up for the whole difference from the digest that was recorded.
    bool exact = false;
};

/// The columns of a table's rows, and those of them that are its key.
struct KeyedTable {
    std::vector<std::string> columns{};
    std::vector<std::string> key{};  ///< empty, or not all among the columns: a row is its own key
};

/// A row as COPY writes it, its fields and its digests.
class KeyedRow {
 public:
    KeyedRow(const RowKey& key, KeyedTable table);

    /// \param line without its line feed; used until the next one
    /// \param number of the row in its table
    void take(std::string_view line, std::uint64_t number);
    const RowDigest& digest() const { return digest_; }
    const RowDigest& key() const { return key_; }
    std::string key_text() const;
    std::vector<RowDigest> field_digests();
    const KeyedTable& table() const { return table_; }

 private:
    const KeyedTable table_;
    std::vector<std::size_t> places_;  ///< of the key
    RowDigester digester_;
    std::vector<std::string_view> fields_;
    std::uint64_t number_ = 0;
    RowDigest digest_, key_;
};

/// Looks for the row, or the rows, of one digest.
class RowFinder {
 public:
    RowFinder(const RowKey& key, KeyedTable table, const RowDigest& wanted)
        : row_(key, std::move(table)), wanted_(wanted) {}
    void add(std::string_view row);
    /// As a row that is there once too often.
    std::optional<FoundRow> found() const { return found_; }

 private:
    KeyedRow row_;
    const RowDigest wanted_;
    std::uint64_t number_ = 0;
    std::optional<FoundRow> found_;
};

/// Finds the rows in which two tables differ, whatever the order of their rows, in three readings of
/// both and in bounded memory. The first one sums the digests of rows by parts of the keys; the
/// second one sums them by keys, in parts that differ; the third one looks at rows of keys that
/// differ. Digests are keyed, so that those who write rows cannot choose where they fall.
class RowSearch {
 public:
    enum class Side { then, now };
    /// \param budget keys that are held at once
    RowSearch(const RowKey& key, KeyedTable table, std::size_t budget = 200'000);

    /// What the second table ought to be: a key whose rows alone make up for the difference is the
    /// one that is named. Before the second reading.
    void expect(const RowDigest& recorded) { recorded_ = recorded; }
    /// \param row as COPY writes it, without its line feed
    void add(Side side, std::string_view row);
    /// Both sides have been read once. \return whether another reading is wanted
    bool end_reading();

    FoundRows found() const;
    /// The digest and the number of all rows of a side, after the first reading.
    RowDigest digest(Side side) const { return of(side).sum; }
    std::int64_t rows(Side side) const { return of(side).rows; }

 private:
    static constexpr std::size_t parts = 4096;
    struct Total {
        RowDigest sum{};
        std::int64_t rows = 0;
    };
    struct Sums {
        Total all{};
        std::vector<RowDigest> by_part = std::vector<RowDigest>(parts);
    };
    struct Hash {
        std::size_t operator()(const RowDigest& digest) const;
    };
    struct Less {
        bool operator()(const RowDigest& a, const RowDigest& b) const { return a.bytes < b.bytes; }
    };
    struct Seen {
        std::int64_t then = 0, now = 0;
        std::vector<RowDigest> fields{};
        std::string key{};
    };
    using Group = std::map<RowDigest, Seen, Less>;

    const Total& of(Side side) const { return sums_[side == Side::now ? 1 : 0].all; }
    static std::size_t part_of(const RowDigest& key);
    void choose_parts();
    void choose_keys();
    void collect(Side side);
    FoundRow describe(const Group& group) const;

    KeyedRow row_;
    const std::size_t budget_;
    std::optional<RowDigest> recorded_;
    int reading_ = 1;
    std::array<Sums, 2> sums_;
    std::array<std::uint64_t, 2> number_{};
    std::vector<bool> chosen_;  ///< parts
    bool all_ = true, exact_ = false;
    std::uint64_t keys_ = 0;
    std::unordered_map<RowDigest, RowDigest, Hash> changes_;  ///< by key: now without then
    std::map<RowDigest, Group, Less> groups_;                 ///< by key
};

}  // namespace mastobak::postgres
