// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/tree/pack_lists.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "media/index/index_line.hpp"
#include "media/index/index_reader.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

/// The limit of lines in memory, in bytes, for each of hundreds of packs.
constexpr std::size_t most_waiting = 32 * 1024;
/// A pack has at most 10,000 members, and a list also has the copies of them.
constexpr Bytes largest_list{std::uint64_t{4} << 30};

}  // namespace

PackLists::PackLists(const media::IndexFiles& index, const Selection& selection, fs::path scratch,
                     std::stop_token stop)
    : scratch_(std::move(scratch)) {
    if (!scratch_.empty()) {
        fs::remove_all(scratch_);
        make_directories(scratch_, 0700, Errc::environment);
    }
    spread(index, selection, stop);
    if (!lone_links_.empty()) add_targets(index, stop);
    for (auto& [pack, lines] : waiting_) flush(pack, lines);
    waiting_.clear();
}

PackLists::~PackLists() {
    std::error_code ignored;
    if (!scratch_.empty()) fs::remove_all(scratch_, ignored);
}

void PackLists::spread(const media::IndexFiles& index, const Selection& selection,
                       std::stop_token stop) {
    std::set<std::string> found;
    media::IndexReader reader(index);
    while (const auto* entry = reader.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (!selection.has(entry->path)) continue;
        if (selection.names(entry->path)) found.insert(entry->path);
        if (entry->type == media::EntryType::file)
            add(*entry, reader.line());
        else if (entry->type == media::EntryType::hardlink && !selection.has(entry->target))
            lone_links_.emplace(entry->target, entry->path);
    }
    for (const auto& path : selection.paths())
        if (!found.contains(path)) unknown_.push_back(path);
}

void PackLists::add_targets(const media::IndexFiles& index, std::stop_token stop) {
    media::IndexReader reader(index);
    while (const auto* entry = reader.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (entry->type != media::EntryType::file) continue;
        const auto [first, last] = lone_links_.equal_range(entry->path);
        for (auto link = first; link != last; ++link) {
            auto file = *entry;
            file.path = link->second;
            std::string line;
            media::append_line(line, file);
            add(file, line);
        }
    }
}

void PackLists::add(const media::Entry& entry, std::string_view line) {
    auto& demand = packs_[entry.pack];
    ++demand.files;
    demand.bytes.count += entry.size;
    demand.stored.count += entry.stored;
    if (scratch_.empty()) return;
    auto& lines = waiting_[entry.pack];
    lines += line;
    lines += '\n';
    if (lines.size() > most_waiting) flush(entry.pack, lines);
}

void PackLists::flush(const std::string& pack, std::string& lines) {
    const auto file = scratch_ / pack;
    UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!fd) throw write_error(Errc::environment, file.native(), errno);
    write_all(fd.get(), std::as_bytes(std::span(lines)), file.native(), Errc::environment);
    lines.clear();
}

PackDemand PackLists::total() const {
    PackDemand sum;
    for (const auto& [pack, demand] : packs_) {
        sum.files += demand.files;
        sum.bytes.count += demand.bytes.count;
        sum.stored.count += demand.stored.count;
    }
    return sum;
}

std::vector<media::Entry> PackLists::entries(const std::string& pack) const {
    std::vector<media::Entry> entries;
    if (scratch_.empty() || !packs_.contains(pack)) return entries;
    entries.reserve(packs_.at(pack).files);
    const auto lines = read_file(scratch_ / pack, Errc::environment, largest_list);
    for (std::string_view rest = lines; !rest.empty();) {
        const auto end = rest.find('\n');
        media::parse_line(rest.substr(0, end), entries.emplace_back());
        rest.remove_prefix(end + 1);
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return a.offset < b.offset; });
    return entries;
}

}  // namespace mastobak::restore
