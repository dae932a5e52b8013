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

/// The ledger of each place records when its objects were read: one file for each place in `scrub/`
/// of the state directory. lib/store/FORMAT.md specifies the format.
namespace mastobak::scrub {

/// The place that is staging; any other place is the name of a remote.
inline constexpr std::string_view staging_place = "";

/// Returns the name of a place for messages: "staging", "remote 'b2'".
std::string title_of(std::string_view place);

/// The damage of an object, and the files and sets that are affected.
struct Damage {
    Timestamp found_at;
    std::string problem;  ///< "its contents changed", "it is missing"
    /// The first damaged files of a pack, as readable() writes them.
    std::vector<std::string> members;
    /// The number of damaged files; 0 for an object that is not a pack, and when it is not known.
    std::uint64_t member_count = 0;
    std::vector<std::string> sets;  ///< sets that use the object
    std::string good_copy;          ///< "staging", "remote 'b2'"; empty: none is known

    bool operator==(const Damage&) const = default;
};

/// The part of an object that was read before an interruption. Any process can continue it.
struct Partial {
    Timestamp since;      ///< when its first byte was read
    Sha256State hash;     ///< of the bytes that were read
    bool second = false;  ///< the object is read a second time, see read_objects()

    bool operator==(const Partial&) const = default;
};

/// An object that the sets of a place need, and when it was last read there.
struct Record {
    Bytes size;
    Digest sha256;
    Timestamp known_since;
    /// When all of it was last read, whatever the result; the time of its first byte if the reading
    /// was interrupted.
    std::optional<Timestamp> read_at{};
    std::string by{};  ///< "reading", or the hash that the remote computed: "md5"
    int failures = 0;  ///< number of failed attempts to read it, in a row
    std::optional<Damage> damage{};
    std::optional<Partial> partial{};  ///< a reading that is not finished

    bool operator==(const Record&) const = default;
};

/// The records of the objects of a place.
struct Ledger {
    std::map<std::string, Record> objects;   ///< by name: "media/x.tar"
    std::vector<std::string> sets;           ///< sets of the place when they were last listed
    std::optional<Timestamp> listed_at;      ///< when the sets were last listed
    std::optional<Timestamp> attempt_since;  ///< begin of a verification that is not finished
    std::string problem;  ///< why the last slice could not continue; empty if it could
    std::optional<Timestamp> slice_at;  ///< when the last slice ended

    bool operator==(const Ledger&) const = default;
};

/// Limits for reading a ledger. It may be hostile, because root reads what the daemon's user has
/// written.
inline constexpr Bytes largest_ledger{std::uint64_t{64} << 20};
inline constexpr std::size_t most_members = 100;   ///< members in a Damage
inline constexpr std::size_t longest_text = 1000;  ///< bytes of a text
inline constexpr std::size_t most_damaged = 20;    ///< damaged objects in a Summary

std::string to_json(const Ledger& ledger);
/// Parses a ledger. Ignores an object with an impossible name, digest or time, which is then read
/// again.
/// \param where name of the file, used in messages
/// Throws Error{staging} for a text that is not a ledger.
Ledger parse_ledger(const std::string& json, const std::string& where);

std::filesystem::path ledger_directory(const std::filesystem::path& state_directory);
/// \param place staging_place, or the name of a remote
std::filesystem::path ledger_file(const std::filesystem::path& state_directory,
                                  std::string_view place);

/// Returns the ledger of a place; an empty one when the file is missing or cannot be read, which
/// only costs reading everything again.
Ledger read_ledger(const std::filesystem::path& state_directory, std::string_view place);
/// Reads a ledger, changes it and writes it, while other processes are locked out. Throws
/// Error{staging}.
void change_ledger(const std::filesystem::path& state_directory, std::string_view place,
                   const std::function<void(Ledger&)>& change);

/// A summary of the ledger of a place, for reports to a person.
struct Summary {
    std::string place;
    std::size_t objects = 0;
    Bytes bytes;                           ///< size of all objects
    Bytes read;                            ///< size of the objects that were read within the period
    Bytes never_read;                      ///< size of the objects that were never read
    std::optional<Timestamp> oldest_read;  ///< oldest reading of an object
    std::optional<Timestamp> newest_read;
    Bytes overdue;  ///< size of the objects whose last reading is longer ago than the period
    std::size_t damaged_count = 0;
    std::map<std::string, Damage> damaged;  ///< the first damaged objects, by name
    std::string problem;                    ///< problem of the last slice
};

/// Summarizes a ledger.
/// \param period when empty, every object that was ever read counts as read
Summary summarize(std::string_view place, const Ledger& ledger,
                  std::optional<std::chrono::seconds> period, Timestamp now);

}  // namespace mastobak::scrub
