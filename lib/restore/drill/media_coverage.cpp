// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/media_coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <span>
#include <system_error>

#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/text.hpp"
#include "store/formats/names.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view coverage_header = "mastobak-media-read\t1\t";
constexpr Bytes largest_coverage{std::uint64_t{256} << 10};
/// A manual drill may name any directory, so the number of records is limited.
constexpr std::size_t most_coverages = 32;
constexpr std::size_t name_digits = 32;

std::string coverage_file(const std::string& place) {
    Sha256 hash;
    hash.update(std::as_bytes(std::span(place)));
    return to_hex(hash.finish()).substr(0, name_digits);
}

/// Returns the text before a character, and removes that text and the character.
std::string_view take_until(std::string_view& text, char until) {
    const auto end = text.find(until);
    const auto part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

void forget_others(const fs::path& directory) {
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(directory, error))
        files.emplace_back(file.last_write_time(error), file.path());
    std::ranges::sort(files);
    for (std::size_t i = 0; i + most_coverages < files.size(); ++i)
        fs::remove(files[i].second, error);
}

}  // namespace

MediaCoverage::MediaCoverage() {
    std::random_device random;
    secret_ = (std::uint64_t{random()} << 32) | random();
}

unsigned MediaCoverage::group_of(const media::Entry& entry) const {
    // FNV-1a, followed by the finalizer of MurmurHash3, so that every bit affects the group.
    std::uint64_t hash = 14'695'981'039'346'656'037U ^ secret_;
    const auto add = [&](unsigned char byte) { hash = (hash ^ byte) * 1'099'511'628'211U; };
    for (const auto byte : entry.pack) add(static_cast<unsigned char>(byte));
    for (unsigned shift = 0; shift < 64; shift += 8)
        add(static_cast<unsigned char>(entry.offset >> shift));
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdU;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53U;
    return static_cast<unsigned>((hash ^ (hash >> 33)) % groups);
}

bool MediaCoverage::was_read(const media::Entry& entry) const {
    const auto& group = groups_[group_of(entry)];
    return group.turn > 0 && store::set_that_made(entry.pack) <= group.set;
}

std::vector<unsigned> MediaCoverage::in_turn() const {
    std::vector<unsigned> order(groups);
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, {}, [&](unsigned group) { return groups_[group].turn; });
    return order;
}

std::vector<bool> MediaCoverage::next(const Counts& files, std::uint64_t wanted) const {
    std::vector<bool> chosen(groups);
    std::uint64_t count = 0;
    for (const auto group : in_turn()) {
        if (count >= wanted) break;
        chosen[group] = true;
        count += files[group];
    }
    return chosen;
}

std::optional<std::uint64_t> MediaCoverage::drills_left(const Counts& files, const Counts& unread,
                                                        std::uint64_t wanted) const {
    const bool any = std::ranges::any_of(unread, [](auto count) { return count > 0; });
    if (any && wanted == 0) return std::nullopt;
    std::uint64_t drills = 0, until = 0, count = 0;
    bool full = true;  // so that the first group begins a drill
    for (const auto group : in_turn()) {
        if (full) {
            ++drills;
            count = 0;
        }
        if (unread[group] > 0) until = drills;
        count += files[group];
        full = count >= wanted;
    }
    return until;
}

void MediaCoverage::note(const std::vector<bool>& read, const std::string& set) {
    const auto last = std::ranges::max(groups_, {}, &Group::turn).turn;
    for (unsigned group = 0; group < groups; ++group) {
        if (!read[group]) continue;
        groups_[group].turn = last + 1;
        groups_[group].set = std::max(groups_[group].set, set);
    }
}

MediaCoverage MediaCoverage::parse(std::string_view text) {
    MediaCoverage coverage;
    const auto damaged = [] { return Error(Errc::staging, "damaged"); };
    if (!text.starts_with(coverage_header)) throw damaged();
    text.remove_prefix(coverage_header.size());
    const auto secret = parse_number<std::uint64_t>(take_until(text, '\t'));
    take_until(text, '\n');  // the place, which is only for people
    if (!secret) throw damaged();
    coverage.secret_ = *secret;
    for (auto& group : coverage.groups_) {
        const auto turn = parse_number<std::uint64_t>(take_until(text, '\t'));
        group.set = take_until(text, '\n');
        // A larger turn could overflow to 0, which means "never read".
        if (!turn || *turn > UINT32_MAX || (*turn > 0 && !parse_set_name(group.set)))
            throw damaged();
        group.turn = *turn;
    }
    if (text != "end\n") throw damaged();
    return coverage;
}

MediaCoverage MediaCoverage::read(const fs::path& directory, const std::string& place) {
    if (directory.empty()) return {};
    try {
        return parse(
            read_beneath(directory, coverage_file(place), Errc::staging, largest_coverage));
    } catch (const Error&) {
        return {};
    }
}

void MediaCoverage::write(const fs::path& directory, const std::string& place) const {
    if (directory.empty()) return;
    make_directories(directory);
    std::string name = place;
    std::ranges::replace_if(
        name, [](unsigned char c) { return c < ' '; }, '?');
    auto text = fmt::format("{}{}\t{}\n", coverage_header, secret_, name);
    for (const auto& group : groups_) text += fmt::format("{}\t{}\n", group.turn, group.set);
    write_file(directory / coverage_file(place), text + "end\n");
    forget_others(directory);
}

}  // namespace mastobak::restore
