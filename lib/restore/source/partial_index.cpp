// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/source/partial_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <system_error>
#include <utility>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "media/index/index_lines.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/paths.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

/// The time that a request takes, in bytes: 0.2 seconds at 20 Mbit/s.
constexpr std::uint64_t request = std::uint64_t{512} << 10;

/// Returns the end of the consecutive numbers that begin at `first`.
template <typename Iterator>
Iterator end_of_run(Iterator first, Iterator last) {
    auto end = std::next(first);
    while (end != last && *end == *std::prev(end) + 1) ++end;
    return end;
}

}  // namespace

PartialIndex::PartialIndex(std::vector<media::IndexPart> parts, fs::path changes, fs::path scratch,
                           std::string name, Fetch fetch)
    : parts_(std::move(parts)),
      changes_(std::move(changes)),
      scratch_(std::move(scratch)),
      name_(std::move(name)),
      fetch_(std::move(fetch)) {
    fs::remove_all(scratch_);
    make_directories(scratch_, 0700, Errc::environment);
}

PartialIndex::~PartialIndex() {
    std::error_code ignored;
    fs::remove_all(scratch_, ignored);
}

std::optional<PartialIndex::Made> PartialIndex::of(const Selection& selection,
                                                   const std::stop_token& stop) {
    Numbers needed;
    for (const auto& path : selection.paths()) add(needed, path);
    if (!is_worth_it(needed)) return std::nullopt;
    fetch(needed, stop);
    const auto targets = link_targets(selection, stop);
    for (const auto& path : targets) add(needed, path);
    if (!is_worth_it(needed)) return std::nullopt;
    fetch(needed, stop);

    Made made{scratch_ / fmt::format("made-{}", made_++), size_of(needed)};
    media::IndexWriter writer(made.file);
    read(
        [&](const media::Entry& entry, std::string_view line) {
            if (selection.has(entry.path) || targets.contains(entry.path)) writer.add(entry, line);
        },
        stop);
    writer.finish();
    return made;
}

void PartialIndex::add(Numbers& needed, std::string_view path) const {
    const auto [first, end] = media::parts_with(parts_, path);
    for (auto number = first; number < end; ++number) needed.insert(number);
}

Bytes PartialIndex::size_of(const Numbers& needed) const {
    Bytes sum;
    for (const auto number : needed) sum += parts_[number].size;
    return sum;
}

bool PartialIndex::is_worth_it(const Numbers& needed) const {
    std::uint64_t requests = 0;
    for (auto at = needed.begin(); at != needed.end(); at = end_of_run(at, needed.end()))
        ++requests;
    const auto all = parts_.back().offset + parts_.back().size;
    return size_of(needed).count + requests * request < all.count;
}

void PartialIndex::fetch(const Numbers& needed, const std::stop_token& stop) {
    std::vector<std::size_t> missing;
    for (const auto number : needed) {
        const auto behind = runs_.upper_bound(number);
        if (behind == runs_.begin() || std::prev(behind)->second.end <= number)
            missing.push_back(number);
    }
    for (auto at = missing.begin(); at != missing.end();) {
        const auto behind = end_of_run(at, missing.end());
        const auto& first = parts_[*at];
        const auto& last = parts_[*std::prev(behind)];
        const Run run{*std::prev(behind) + 1, scratch_ / fmt::format("media.index.zst-{}", *at)};
        fetch_(first.offset, Bytes{last.offset.count + last.size.count - first.offset.count},
               run.file, stop);
        check(*at, run);
        runs_.emplace(*at, run);
        at = behind;
    }
}

void PartialIndex::check(std::size_t first, const Run& run) const {
    const auto source = archive::file_source(run.file);
    std::span<const std::byte> block;
    for (auto number = first; number < run.end; ++number) {
        Sha256 hash;
        for (auto left = parts_[number].size.count; left > 0;) {
            if (block.empty()) block = source();
            if (block.empty()) fail(number);
            const auto piece = block.first(std::min<std::uint64_t>(left, block.size()));
            hash.update(piece);
            block = block.subspan(piece.size());
            left -= piece.size();
        }
        if (hash.finish() != parts_[number].sha256) fail(number);
    }
}

// The totals in the changes are those of the whole index, so they cannot be compared here.
void PartialIndex::read(const OnEntry& on_entry, const std::stop_token& stop) const {
    if (changes_.empty()) return read_parts(on_entry, stop);
    media::IndexLines changes(changes_, media::LinesOf::changes);
    const auto* change = changes.next();
    const auto pass_change = [&] {
        if (!changes.removes()) on_entry(*change, changes.line());
        change = changes.next();
    };
    const auto merge = [&](const media::Entry& entry, std::string_view line) {
        while (change && media::compare_paths(change->path, entry.path) < 0) pass_change();
        if (change && change->path == entry.path) return pass_change();
        on_entry(entry, line);
    };
    read_parts(merge, stop);
    while (change) pass_change();
}

// Each part has to begin with the path in the list, or paths were looked up in the wrong part.
void PartialIndex::read_parts(const OnEntry& on_entry, const std::stop_token& stop) const {
    for (const auto& [first, run] : runs_) {
        media::IndexLines reader(run.file, media::LinesOf::parts);
        auto next = first;
        while (const auto* entry = reader.next()) {
            if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
            if (next < run.end && entry->path == parts_[next].first) ++next;
            const bool in_next = run.end < parts_.size() &&
                                 media::compare_paths(entry->path, parts_[run.end].first) >= 0;
            if (next == first || in_next) fail(next);
            on_entry(*entry, reader.line());
        }
        if (next != run.end) fail(next);
    }
}

PartialIndex::Paths PartialIndex::link_targets(const Selection& selection,
                                               const std::stop_token& stop) const {
    Paths targets;
    read(
        [&](const media::Entry& entry, std::string_view) {
            if (entry.type == media::EntryType::hardlink && selection.has(entry.path) &&
                !selection.has(entry.target))
                targets.insert(entry.target);
        },
        stop);
    return targets;
}

void PartialIndex::fail(std::size_t number) const {
    const auto& part = parts_[std::min(number, parts_.size() - 1)];
    throw Error(Errc::corrupt,
                fmt::format("{} is not what '{}' beside it says, in the {} bytes at {}", name_,
                            store::index_parts, part.size.count, part.offset.count),
                "another set, or --from another place, may be intact");
}

}  // namespace mastobak::restore
