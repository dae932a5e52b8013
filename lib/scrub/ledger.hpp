// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"

/// What was read when at each place: `scrub/` in the state directory, a file a place. FORMAT.md of
/// lib/store has the format.
namespace mastobak::scrub {

/// A place is the name of a remote, or this.
inline constexpr std::string_view staging_place = "";

/// "staging", "remote 'b2'": for people.
std::string title_of(std::string_view place);

/// What is wrong with an object, and what that concerns.
struct Damage {
    Timestamp found_at;
    std::string problem;               ///< "its contents changed", "it is missing"
    std::vector<std::string> members;  ///< the first files of a pack that are damaged, readable()
    std::uint64_t member_count = 0;    ///< of all; 0: not a pack, or it is not known which
    std::vector<std::string> sets;     ///< that use it
    std::string good_copy;             ///< "staging", "remote 'b2'"; empty: none is known

    bool operator==(const Damage&) const = default;
};

/// An object that the sets of a place need, and when it was read there.
struct Record {
    Bytes size;
    Digest sha256;
    Timestamp known_since;
    std::optional<Timestamp> read_at{};  ///< whole, whatever came out
    std::string by{};                    ///< how: "reading", or the remote's hash: "md5"
    int failures = 0;                    ///< attempts to read it that came to nothing, in a row
    std::optional<Damage> damage{};

    bool operator==(const Record&) const = default;
};

struct Ledger {
    std::map<std::string, Record> objects;   ///< by name: "media/x.tar"
    std::vector<std::string> sets;           ///< of the place, as they were listed last
    std::optional<Timestamp> listed_at;      ///< when that was
    std::optional<Timestamp> attempt_since;  ///< a verification began, and did not come to its end
    std::string problem;                     ///< why the last slice could not go on; empty: it did
    std::optional<Timestamp> slice_at;       ///< when that was

    bool operator==(const Ledger&) const = default;
};

/// Limits of a file that is read: it may be hostile, for root reads what the daemon's user wrote.
inline constexpr Bytes largest_ledger{std::uint64_t{64} << 20};
inline constexpr std::size_t most_members = 100;  ///< of a damage, that are named
inline constexpr std::size_t longest_text = 1000;
inline constexpr std::size_t most_damaged = 20;  ///< objects, in a summary

std::string to_json(const Ledger& ledger);
/// What cannot be true of an object (its name, a digest) is left out: it is read again then.
/// Throws Error{staging} for what is not a ledger.
Ledger parse_ledger(const std::string& json, const std::string& where);

std::filesystem::path ledger_directory(const std::filesystem::path& state_directory);
/// \param place staging_place, or the name of a remote
std::filesystem::path ledger_file(const std::filesystem::path& state_directory,
                                  std::string_view place);

/// An empty one where there is none, or none that can be read: that costs reading all again.
Ledger read_ledger(const std::filesystem::path& state_directory, std::string_view place);
/// Reads it, changes it and writes it, while no other process does. Throws Error{staging}.
void change_ledger(const std::filesystem::path& state_directory, std::string_view place,
                   const std::function<void(Ledger&)>& change);

/// What a person is told of a place.
struct Summary {
    std::string place;
    std::size_t objects = 0;
    Bytes bytes;                           ///< of all
    Bytes read;                            ///< of these: within the period
    Bytes never_read;                      ///< of these
    std::optional<Timestamp> oldest_read;  ///< of those that were read
    std::optional<Timestamp> newest_read;
    Bytes overdue;  ///< of all: their time has passed
    std::size_t damaged_count = 0;
    std::map<std::string, Damage> damaged;  ///< the first of these, by object
    std::string problem;                    ///< of the last slice
};

/// \param period empty: all that was ever read counts
Summary summarize(std::string_view place, const Ledger& ledger,
                  std::optional<std::chrono::seconds> period, Timestamp now);

}  // namespace mastobak::scrub
