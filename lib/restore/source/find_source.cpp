// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/source/find_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "restore/source/set_source.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

/// Returns a remote that is not in the configuration, which a new machine may not have.
std::unique_ptr<SetSource> unnamed(config::RemoteType type, const std::string& target,
                                   const fs::path& scratch) {
    config::Remote remote;
    remote.name = target;
    remote.type = type;
    remote.target = target;
    return sets_at(std::move(remote), scratch);
}

bool is_latest(const std::string& name) {
    return name.empty() || name == "latest";
}

std::unique_ptr<SetSource> place(const config::Config& config, const std::string& from,
                                 const fs::path& scratch) {
    if (from.empty()) return sets_in(config.staging.path, config.offsite, scratch);
    for (const auto& remote : config.offsite)
        if (remote.name == from) return sets_at(remote, scratch);
    constexpr std::string_view rclone = "rclone:";
    constexpr std::string_view rsync = "rsync:";
    if (from.starts_with(rclone))
        return unnamed(config::RemoteType::rclone, from.substr(rclone.size()), scratch);
    if (from.starts_with(rsync))
        return unnamed(config::RemoteType::rsync, from.substr(rsync.size()), scratch);
    if (from.find('/') != from.npos) {
        if (!fs::is_directory(fs::path(from) / "sets"))
            throw Error(Errc::usage, fmt::format("'{}' has no directory 'sets'", from),
                        "give the directory that has 'sets' and 'media' in it");
        return sets_in(fs::absolute(from), {}, scratch);
    }
    std::string names;
    for (const auto& remote : config.offsite) names += fmt::format(" '{}'", remote.name);
    throw Error(Errc::usage, fmt::format("there is no remote '{}'", from),
                names.empty() ? "none is configured; give rclone:REMOTE:PATH, rsync:HOST:PATH or a "
                                "directory"
                              : fmt::format("there are{}; or give rclone:REMOTE:PATH, "
                                            "rsync:HOST:PATH or a directory",
                                            names));
}

/// Returns the newest of the sets that this host has signed; if none is signed, the newest of all.
/// \param sets oldest first, at least one
std::string newest_of(SetSource& source, const std::vector<std::string>& sets,
                      const std::stop_token& stop) {
    if (!source.has_keys()) return sets.back();
    std::vector<std::string> passed_over;
    for (auto set = sets.rbegin(); set != sets.rend(); ++set) {
        std::string why;
        try {
            static_cast<void>(source.manifest(*set, stop));
            why = source.foreign();
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            why = error.text();
        }
        if (why.empty()) {
            source.passed_over = std::move(passed_over);
            return *set;
        }
        passed_over.push_back(
            fmt::format("set '{}' in {} was skipped: {}", *set, source.name(), why));
    }
    return sets.back();
}

}  // namespace

std::unique_ptr<SetSource> find_source(const config::Config& config, const std::string& from,
                                       const fs::path& scratch,
                                       const std::optional<signify::PublicKey>& key) {
    auto source = place(config, from, scratch);
    auto keys = store::read_keys(config.state_directory).trusted;
    if (key) keys.push_back(*key);
    source->trust(std::move(keys));
    return source;
}

std::optional<FoundSet> find_newest_off_site(const config::Config& config,
                                             const std::string& wanted, const fs::path& scratch,
                                             std::stop_token stop) {
    std::optional<FoundSet> best;
    std::optional<Error> out_of_reach;
    for (const auto& remote : config.offsite) {
        try {
            auto source = find_source(config, remote.name, scratch);
            // Names of sets sort by time.
            auto name = find_set(*source, wanted, stop);
            if (source->has_keys() && is_latest(wanted) && !source->foreign().empty()) continue;
            if (!best || name > best->name) best = {std::move(source), std::move(name), {}};
        } catch (const Error& error) {
            if (error.code() == Errc::offsite)
                out_of_reach = error;
            else if (error.code() != Errc::usage)
                throw;
        }
    }
    if (!best && out_of_reach) throw *out_of_reach;
    return best;
}

std::string find_set(SetSource& source, const std::string& name, std::stop_token stop) {
    const auto sets = source.list(stop);
    if (sets.empty())
        throw Error(Errc::usage, fmt::format("there is no backup set in {}", source.name()),
                    "--from names another place");
    if (is_latest(name)) return newest_of(source, sets, stop);
    if (std::find(sets.begin(), sets.end(), name) != sets.end()) return name;
    throw Error(Errc::usage, fmt::format("there is no set '{}' in {}", name, source.name()),
                fmt::format("the newest set there is '{}'", sets.back()));
}

namespace {

/// Converts a date to the format of set names. Throws Error{usage} for an invalid date.
std::string set_name_of_date(const std::string& date) {
    // Sets are named by their time: "20261122T030000Z".
    std::string name;
    for (const char c : date) {
        if (c != '-' && c != ':') name += c == ' ' ? 'T' : c;
    }
    // Omitted parts are zero. The result is validated, because a month 13 or an hour 99 would sort
    // after all sets.
    if (name.size() > 8 && name.back() == 'Z') name.pop_back();
    constexpr std::string_view midnight = "00000000T000000Z";
    const bool complete =
        name.size() == 8 || name.size() == 11 || name.size() == 13 || name.size() == 15;
    if (complete) name += midnight.substr(name.size());
    if (!parse_set_name(name))
        throw Error(Errc::usage, fmt::format("'{}' is not a date", date),
                    "write it as 2026-11-22 or 2026-11-22T03:00, in UTC");
    return name;
}

}  // namespace

std::string find_set_before(SetSource& source, const std::string& date, std::stop_token stop) {
    const auto name = set_name_of_date(date);
    const auto sets = source.list(stop);
    const auto found = std::lower_bound(sets.begin(), sets.end(), name);
    if (found != sets.begin()) return newest_of(source, {sets.begin(), found}, stop);
    throw Error(Errc::usage,
                fmt::format("there is no set from before '{}' in {}", date, source.name()),
                sets.empty() ? "--from names another place"
                             : fmt::format("the oldest set there is '{}'", sets.front()));
}

FoundSet find_set_anywhere(const config::Config& config, const std::string& from,
                           const std::string& wanted, const std::string& before,
                           const fs::path& scratch, std::stop_token stop,
                           const std::optional<signify::PublicKey>& key) {
    // An invalid date is reported once, not for each place.
    if (!before.empty()) static_cast<void>(set_name_of_date(before));
    std::vector<std::string> places{from};
    if (from.empty())
        for (const auto& remote : config.offsite) places.push_back(remote.name);
    std::optional<Error> first;
    FoundSet found;
    for (const auto& place : places) {
        try {
            found.source = find_source(config, place, scratch, key);
            found.name = before.empty() ? find_set(*found.source, wanted, stop)
                                        : find_set_before(*found.source, before, stop);
            return found;
        } catch (const Error& error) {
            // The set is not there, or the place is out of reach.
            if (error.code() != Errc::usage && error.code() != Errc::offsite &&
                error.code() != Errc::staging)
                throw;
            if (!first) first = error;
            found.passed_over.push_back(error.text());
        }
    }
    if (places.size() == 1) throw *first;
    throw Error(first->code(), fmt::format("{}", fmt::join(found.passed_over, "; ")),
                first->hint());
}

}  // namespace mastobak::restore
