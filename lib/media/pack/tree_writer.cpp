// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack/tree_writer.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"
#include "media/pack/pack_writer.hpp"
#include "media/read/media_file.hpp"

namespace mastobak::media {

TreeWriter::TreeWriter(const TreeOptions& options, ReadAhead& reads, Warnings& warnings,
                       std::stop_token stop)
    : reads_(reads),
      warnings_(warnings),
      stop_(std::move(stop)),
      index_(options.index),
      packs_(options),
      known_(options.known_contents) {}

void TreeWriter::add(Change change) {
    if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
    switch (change.action) {
        case Change::Action::keep:
            return keep(change.entry);
        case Change::Action::symlink:
            return pack_symlink(std::move(change.entry));
        case Change::Action::read:
            return pack_file(*change.job);
        case Change::Action::link:
            return add_link(*change.found, change.previous);
    }
}

void TreeWriter::keep(const Entry& entry) {
    if (entry.type == EntryType::file) ++result_.unchanged_files;
    write(entry);
}

void TreeWriter::pack_symlink(Entry entry) {
    if (entry.target.empty()) {
        ++result_.vanished;
        return;
    }
    packs_.begin(member_header(entry, owners_));
    locate(entry, packs_.end());
    write(entry);
}

void TreeWriter::pack_file(FileJob& job) {
    File file;
    file.entry.path = job.file.path;
    file.expected = job.file.expected;
    while (!take(file, reads_.next(job))) {
    }
    if (file.stored) write(file.entry);
}

void TreeWriter::add_link(const Found& found, const std::optional<Entry>& previous) {
    ++result_.linked_files;
    const auto* first = links_.find(found.status);
    if (!first) {
        const bool kept = previous && previous->type == EntryType::file;
        const auto entry = kept ? previous : pack_first(found);
        if (!entry) return;
        if (kept) ++result_.unchanged_files;
        links_.add_first(found.status, entry->path, entry->pack);
        write(*entry);
        return;
    }
    // The old member can be kept if a restore, which reads packs in the order of their names, has
    // the target before it extracts the link.
    if (previous && previous->type == EntryType::hardlink && previous->target == first->path &&
        first->pack <= previous->pack) {
        write(*previous);
    } else {
        Entry entry;
        entry.type = EntryType::hardlink;
        entry.path = found.path;
        entry.target = first->path;
        copy_status(found.status, entry);
        packs_.begin(member_header(entry, owners_));
        locate(entry, packs_.end());
        write(entry);
    }
    links_.count(found.status);
}

std::optional<Entry> TreeWriter::pack_first(const Found& found) {
    File file;
    file.entry.path = found.path;
    file.has_links = true;
    reads_.read_now(found, [&](Message message) { take(file, std::move(message)); });
    if (!file.stored) return std::nullopt;
    return std::move(file.entry);
}

bool TreeWriter::take(File& file, Message message) {
    if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
    if (auto* opened = std::get_if<Opened>(&message)) {
        begin(file, std::move(*opened));
    } else if (const auto* data = std::get_if<Data>(&message)) {
        packs_.data(data->span());
    } else if (const auto* hole = std::get_if<Hole>(&message)) {
        // In pieces, because terabytes of zeros take hours, even when they are not stored.
        constexpr std::uint64_t piece = std::uint64_t{64} << 20;
        for (auto left = hole->size; left > 0; left -= std::min(left, piece)) {
            if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
            packs_.hole(std::min(left, piece));
        }
    } else if (std::holds_alternative<Restart>(message)) {
        give_up(file);
    } else if (const auto* ended = std::get_if<Ended>(&message)) {
        end(file, *ended);
        return true;
    } else if (std::holds_alternative<Gone>(message)) {
        give_up(file);
        ++result_.vanished;
        return true;
    } else if (const auto* failed = std::get_if<Failed>(&message)) {
        give_up(file);
        const auto error = read_error(file.entry.path, failed->error);
        if (file.expected) {
            leave(error.text());
            return true;
        }
        if (!is_damage(failed->error)) throw error;
        ++result_.unreadable;
        warnings_.add(error.text() + ", ignoring");
        return true;
    } else {
        std::rethrow_exception(std::get<std::exception_ptr>(message));
    }
    return false;
}

void TreeWriter::begin(File& file, Opened opened) {
    copy_status(opened.status, file.entry);
    file.entry.size = opened.status.size;
    file.may_be_copy = opened.xattrs.empty() && opened.status.links == 1 && !file.has_links;
    auto header = member_header(file.entry, owners_);
    header.data_ranges = std::move(opened.data_ranges);
    header.xattrs = std::move(opened.xattrs);
    packs_.begin(header);
    file.begun = true;
}

void TreeWriter::end(File& file, const Ended& ended) {
    if (file.expected && *file.expected != ended.sha256) {
        give_up(file);
        return leave(
            fmt::format("'{}' of the media has different contents than a pack has, though its "
                        "times are the same",
                        file.entry.path));
    }
    file.begun = false;
    file.stored = true;
    file.entry.sha256 = ended.sha256;
    if (deduplicate(file)) {
        packs_.abandon();
        ++result_.known_files;
        result_.known_bytes += Bytes{file.entry.size};
    } else {
        locate(file.entry, packs_.end());
        ++result_.packed_files;
        result_.packed_bytes += Bytes{file.entry.size};
    }
    if (!ended.stable)
        warnings_.add(fmt::format(
            "'{}' of the media changed each time it was read, keeping the last reading, ignoring",
            file.entry.path));
}

bool TreeWriter::deduplicate(File& file) {
    if (!known_ || !file.may_be_copy) return false;
    auto location = known_->find(*file.entry.sha256);
    if (!location) return false;
    locate(file.entry, std::move(*location));
    file.entry.copy = true;
    return true;
}

void TreeWriter::leave(std::string why) {
    warnings_.add(std::move(why) + ", keeping what was packed");
}

void TreeWriter::give_up(File& file) {
    if (std::exchange(file.begun, false)) packs_.abandon();
}

void TreeWriter::locate(Entry& entry, Location location) {
    entry.pack = std::move(location.pack);
    entry.offset = location.offset;
    entry.stored = location.stored;
}

void TreeWriter::write(const Entry& entry) {
    index_.add(entry);
    packs_.describe(entry);
    count_use(result_.packs_used, entry);
    if (entry.type != EntryType::file) return;
    ++progress_.files;
    progress_.bytes += Bytes{entry.size};
}

TreeResult TreeWriter::finish() {
    result_.new_packs = packs_.finish();
    result_.index = index_.finish();
    return std::move(result_);
}

}  // namespace mastobak::media
