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

/// A difference between two versions of a table: one row, identified by the values of its key.
struct FoundRow {
    enum class Kind {
        changed,   ///< both have a row of that key, with different values
        missing,   ///< only the first table has it
        added,     ///< only the second table has it
        repeated,  ///< both have it, in different numbers
    };
    Kind kind = Kind::changed;
    std::string key{};                   ///< "id=7", shortened and without control characters
    std::vector<std::string> columns{};  ///< columns that differ, if `changed`
    std::int64_t then = 0, now = 0;      ///< how often the first and the second table have it
};

/// The result of a search in one table.
struct FoundRows {
    std::vector<FoundRow> rows{};  ///< the first ones, ordered by their keys
    std::uint64_t keys = 0;        ///< number of keys that differ, among those searched
    bool all = true;               ///< every key was searched
    /// These rows explain the whole difference from the recorded digest.
    bool exact = false;
};

/// The columns of a table, and those of them that form its key.
struct KeyedTable {
    std::vector<std::string> columns{};
    std::vector<std::string>
        key{};  ///< if empty, or not all in `columns`, the whole row is the key
};

/// Splits a row, as COPY writes it, into its fields, and computes its digests.
class KeyedRow {
 public:
    KeyedRow(const RowKey& key, KeyedTable table);

    /// Takes the next row.
    /// \param line   without its line feed; has to stay valid until the next call
    /// \param number number of the row in its table
    void take(std::string_view line, std::uint64_t number);
    const RowDigest& digest() const { return digest_; }
    const RowDigest& key() const { return key_; }
    std::string key_text() const;
    std::vector<RowDigest> field_digests();
    const KeyedTable& table() const { return table_; }

 private:
    const KeyedTable table_;
    std::vector<std::size_t> places_;  ///< positions of the key's columns
    RowDigester digester_;
    std::vector<std::string_view> fields_;
    std::uint64_t number_ = 0;
    RowDigest digest_, key_;
};

/// Finds the rows that have a given digest.
class RowFinder {
 public:
    RowFinder(const RowKey& key, KeyedTable table, const RowDigest& wanted)
        : row_(key, std::move(table)), wanted_(wanted) {}
    void add(std::string_view row);
    /// Returns the row as one that the table has once too often; nullopt if no row has the digest.
    std::optional<FoundRow> found() const { return found_; }

 private:
    KeyedRow row_;
    const RowDigest wanted_;
    std::uint64_t number_ = 0;
    std::optional<FoundRow> found_;
};

/// Finds the rows in which two tables differ, independent of the order of their rows. It needs
/// bounded memory, and up to three passes over both tables. The keys are distributed over 4096
/// parts by their digests. The first pass sums the digests of the rows of each part. The second
/// pass sums them for each key, in those parts that differ. The third pass compares the rows of
/// those keys that differ. The digests are keyed, so that authors of rows cannot control in which
/// part a row falls.
class RowSearch {
 public:
    enum class Side { then, now };
    /// \param budget number of keys to hold in memory
    RowSearch(const RowKey& key, KeyedTable table, std::size_t budget = 200'000);

    /// Sets the digest that the second table should have. If the rows of a single key explain the
    /// whole difference from it, only that key is returned. Call it before the second pass.
    void expect(const RowDigest& recorded) { recorded_ = recorded; }
    /// Takes a row of one side.
    /// \param row as COPY writes it, without its line feed
    void add(Side side, std::string_view row);
    /// Ends a pass over both sides. \return whether another pass is needed
    bool end_reading();

    FoundRows found() const;
    /// The digest and the number of all rows of a side. Valid after the first pass.
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
    std::vector<bool> chosen_;  ///< parts that are searched in the second pass
    bool all_ = true, exact_ = false;
    std::uint64_t keys_ = 0;
    /// The key of both maps is the digest of a row's key. changes_ has the sum of the second
    /// table's rows minus that of the first table's rows.
    std::unordered_map<RowDigest, RowDigest, Hash> changes_;
    std::map<RowDigest, Group, Less> groups_;
};

}  // namespace mastobak::postgres
