// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/reconcile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <map>
#include <utility>

#include "backup/absence.hpp"
#include "backup/missing_list.hpp"
#include "core/error.hpp"
#include "core/readable.hpp"
#include "media/escape.hpp"
#include "media/index.hpp"
#include "reconcile/look_up.hpp"
#include "reconcile/named_files.hpp"

namespace mastobak::backup {
namespace {

using mastodon::Attachment;
using reconcile::NamedFile;
using reconcile::NamedFiles;

/// As many paths as an error names.
constexpr std::size_t most_paths = 5;

class Reconciler {
 public:
    Reconciler(postgres::Snapshot& snapshot, const ReconcileOptions& options, std::stop_token stop)
        : options_(options),
          stop_(std::move(stop)),
          named_(snapshot.connection(), options.of_others, options.excluded),
          index_(options.index),
          evidence_(options.media_root, options.instant),
          list_(options.missing_list) {}

    Reconciled run() {
        reconcile::look_up(
            named_, index_, [this](const auto& named, const auto* entry) { look(named, entry); },
            stop_);
        if (lost_ > 0) throw lost_error();
        return result();
    }

 private:
    void look(const NamedFile& named, const media::Entry* entry) {
        auto& column = columns_[named.attachment];
        ++column.files;
        if (named.original) ++column.rows;
        if (!entry)
            not_found(named, column);
        else if (entry->type == media::EntryType::file)
            check_size(named, *entry, column);
    }

    void not_found(const NamedFile& named, store::ReconciledColumn& column) {
        const auto absence = media::is_relative_and_clean(named.path)
                                 ? evidence_.why_absent(named.path, stop_)
                                 : Absence::missing;
        switch (absence) {
            case Absence::missing:
                ++column.missing;
                return list_.add("missing", named, std::nullopt);
            case Absence::unclear:
                ++column.unclear;
                return list_.add("unclear", named, std::nullopt);
            case Absence::unreadable:
                ++column.unreadable;
                return list_.add("unreadable", named, std::nullopt);
            case Absence::lost:
                return lost(named);
        }
    }

    void check_size(const NamedFile& named, const media::Entry& entry,
                    store::ReconciledColumn& column) {
        if (!named.size || *named.size == entry.size) return;
        if (evidence_.had_other_size(named.path, entry.size)) return lost(named);
        ++column.other_size;
        list_.add("size", named, entry.size);
    }

    void lost(const NamedFile& named) {
        ++lost_;
        if (lost_paths_.size() < most_paths) lost_paths_.push_back(fmt::format("'{}'", named.path));
    }

    Error lost_error() const {
        const auto more = lost_ > lost_paths_.size()
                              ? fmt::format(" and {} more", lost_ - lost_paths_.size())
                              : "";
        return Error(
            Errc::media,
            fmt::format("compare the database with the media: {} on disk at {}, but not in this "
                        "backup: {}{}",
                        counted(lost_, "file that it names was", "files that it names were"),
                        to_iso8601(options_.instant), fmt::join(lost_paths_, ", "), more),
            fmt::format("is a directory in '{}' a symlink to what is not Mastodon's? those "
                        "are not followed. If none is, this is a defect of mastobak: please "
                        "report it",
                        options_.media_root.native()));
    }

    Reconciled result() {
        Reconciled result;
        result.counts.done = true;
        result.counts.notes = named_.notes();
        store::ReconciledColumn all;
        for (auto& [attachment, column] : columns_) {
            column.column = fmt::format("{}.{}", attachment->table, attachment->name);
            all.missing += column.missing;
            all.unclear += column.unclear;
            all.unreadable += column.unreadable;
            all.other_size += column.other_size;
            result.counts.columns.push_back(std::move(column));
        }
        const auto warn = [&](std::uint64_t count, std::string_view what) {
            if (count > 0)
                result.warnings.push_back(fmt::format(
                    "{} that the database names {}: see '{}' in the set, ignoring",
                    counted(count, "file"), what, options_.missing_list.filename().native()));
        };
        const auto by_number = [](std::uint64_t count, std::string_view one,
                                  std::string_view many) { return count == 1 ? one : many; };
        warn(all.missing, by_number(all.missing, "does not exist, and did not before this backup",
                                    "do not exist, and did not before this backup"));
        warn(all.unclear,
             options_.live
                 ? "vanished during this live backup, or shortly before"
                 : by_number(all.unclear, "is gone by now, and perhaps was before this backup",
                             "are gone by now, and perhaps were before this backup"));
        warn(all.unreadable, "cannot be read from the disk");
        warn(all.other_size, by_number(all.other_size, "has another size than it says",
                                       "have another size than it says"));
        result.missing_list = list_.finish();
        return result;
    }

    const ReconcileOptions& options_;
    std::stop_token stop_;
    NamedFiles named_;
    media::IndexReader index_;
    MediaEvidence evidence_;
    MissingList list_;
    /// In the order of mastodon::attachments(), which they point into.
    std::map<const Attachment*, store::ReconciledColumn> columns_;
    std::uint64_t lost_ = 0;
    std::vector<std::string> lost_paths_;
};

}  // namespace

Reconciled reconcile(postgres::Snapshot& snapshot, const ReconcileOptions& options,
                     std::stop_token stop) {
    const std::stop_callback cancel(stop, [&] { snapshot.connection().cancel(); });
    return Reconciler(snapshot, options, stop).run();
}

}  // namespace mastobak::backup
