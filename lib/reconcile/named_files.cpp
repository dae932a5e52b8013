// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconcile/named_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "media/index/index.hpp"
#include "media/index/paths.hpp"

namespace mastobak::reconcile {
namespace {

/// Returns whether a comes after b. With this order, the top of a heap is the first path.
bool is_after(const NamedFile& a, const NamedFile& b) {
    return media::compare_paths(a.path, b.path) > 0;
}

/// Returns the size in the row. Old versions of Mastodon have written rows with no size or with 0.
std::optional<std::uint64_t> size_of(const std::optional<std::string>& column) {
    const auto size = column ? std::stoll(*column) : 0;
    if (size <= 0) return std::nullopt;
    return static_cast<std::uint64_t>(size);
}

/// Returns whether a relation has that name, of whatever kind.
bool is_there(postgres::Connection& connection, const std::string& name) {
    return !connection
                .query(
                    "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                    "WHERE c.relname = $1 AND n.nspname !~ '^pg_'",
                    {name})
                .empty();
}

}  // namespace

NamedFiles::NamedFiles(postgres::Snapshot& snapshot, bool of_others,
                       const std::vector<std::string>& excluded)
    : snapshot_(snapshot), of_others_(of_others), left_(mastodon::media_rows(of_others)) {
    std::erase_if(left_, [&](const auto& rows) {
        const auto top = rows.directory.substr(0, rows.directory.find('/'));
        return std::find(excluded.begin(), excluded.end(), top) != excluded.end();
    });
    std::reverse(left_.begin(), left_.end());
}

std::optional<NamedFile> NamedFiles::next() {
    for (;;) {
        // All files of later rows are below the directories of those rows. A file may have to wait
        // for several rows: "000/000/001/original" comes after all of the ids "000/000/001/…".
        if (!pending_.empty() &&
            (!row_ || media::compare_paths(pending_.front().path, directory_) < 0))
            return take_pending();
        if (row_)
            take_row();
        else if (!open_rows())
            return std::nullopt;
    }
}

bool NamedFiles::open_rows() {
    stream_.reset();
    if (left_.empty()) return false;
    rows_ = std::move(left_.back());
    left_.pop_back();
    const auto& attachment = *rows_.attachment;
    const std::string table(attachment.table);
    auto& connection = snapshot_.connection();
    auto& present = snapshot_.present();
    const auto name = postgres::locked_table(connection, table, present);
    const auto columns = postgres::columns_of(present, name);
    const auto query = mastodon::rows_query(rows_, of_others_, name, columns);
    if (query) {
        stream_ = std::make_unique<postgres::RowStream>(connection, *query);
        read_row();
    } else if (!rows_.in_cache) {  // the note would be the same for both
        auto note = !columns.empty() ? fmt::format("'{}' has no column of '{}' as it was expected",
                                                   table, attachment.name)
                    : is_there(present, table)
                        ? fmt::format(
                              "the rows of '{}' are not read, because that would run code "
                              "of the database, in an index or a view",
                              table)
                        : fmt::format("there is no table '{}'", table);
        // Several attachments may belong to one table.
        if (std::find(notes_.begin(), notes_.end(), note) == notes_.end())
            notes_.push_back(std::move(note));
    }
    return true;
}

void NamedFiles::read_row() {
    row_ = stream_->next();
    if (row_)
        directory_ = mastodon::directory_of(*rows_.attachment, std::stoull(row_->at(0).value()),
                                            rows_.in_cache);
}

void NamedFiles::take_row() {
    auto& row = *row_;
    const auto id = std::stoull(row.at(0).value());
    const auto paths = mastodon::files_of(
        *rows_.attachment,
        {id, row.at(1).value(), row.at(2).value_or(""), row.at(4).value_or(""), rows_.in_cache});
    for (const auto& path : paths) {
        const bool original = &path == &paths.front();
        pending_.push_back(
            {path, rows_.attachment, id, original, original ? size_of(row.at(3)) : std::nullopt});
        std::push_heap(pending_.begin(), pending_.end(), is_after);
    }
    read_row();
}

NamedFile NamedFiles::take_pending() {
    std::pop_heap(pending_.begin(), pending_.end(), is_after);
    auto file = std::move(pending_.back());
    pending_.pop_back();
    return file;
}

void look_up(NamedFiles& named, media::IndexReader& index, const OnNamedFile& on_file,
             const std::stop_token& stop) {
    const auto next_entry = [&] {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        return index.next();
    };
    const auto* entry = next_entry();
    while (const auto file = named.next()) {
        while (entry && media::compare_paths(entry->path, file->path) < 0) entry = next_entry();
        // The entry is kept, as the next row may name the same file.
        const bool found =
            entry && entry->path == file->path && entry->type != media::EntryType::directory;
        on_file(*file, found ? entry : nullptr);
    }
    while (entry) entry = next_entry();
}

}  // namespace mastobak::reconcile
