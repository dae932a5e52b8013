// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/reconcile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <memory>
#include <sstream>
#include <utility>

#include "backup/media/missing_files.hpp"
#include "core/error.hpp"
#include "core/files/open.hpp"
#include "core/text.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/paths.hpp"
#include "reconcile/known_missing.hpp"
#include "reconcile/named_files.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;
namespace {

using mastodon::Attachment;
using reconcile::NamedFile;
using reconcile::NamedFiles;

/// The largest number of paths in an error.
constexpr std::size_t most_paths = 5;

/// The largest size of a list, which is kept in memory during the comparison.
constexpr Bytes largest_list{std::uint64_t{256} << 20};

/// The largest number of new missing files that are looked up in the previous set.
constexpr std::size_t most_looked_up = 1000;

/// Opens a list that may not exist. An unreadable list counts as empty.
std::unique_ptr<std::istream> opened(const fs::path& list) {
    if (list.empty()) return nullptr;
    try {
        return std::make_unique<std::istringstream>(
            read_beneath(list.parent_path(), list.filename(), Errc::staging, largest_list));
    } catch (const Error&) {
        return nullptr;
    }
}

/// Returns a path if a shell accepts it between single quotes; otherwise an empty text.
std::string quotable(const std::string& path) {
    return path == readable(path) && path.find('\'') == path.npos ? path : "";
}

class Reconciler {
 public:
    Reconciler(postgres::Snapshot& snapshot, const ReconcileOptions& options, std::stop_token stop)
        : options_(options),
          stop_(std::move(stop)),
          named_(snapshot, options.of_others, options.excluded),
          index_(options.index),
          evidence_(options.media_root, options.instant),
          list_(options.missing_list),
          acknowledged_(opened(options.acknowledged)),
          before_(opened(options.before ? options.before->missing_list : fs::path())) {}

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
                return tell("missing", named, missing_);
            case Absence::unclear:
                ++column.unclear;
                return tell("unclear", named, unclear_);
            case Absence::unreadable:
                ++column.unreadable;
                return tell("unreadable", named, unreadable_);
            case Absence::lost:
                return lost(named);
        }
    }

    void check_size(const NamedFile& named, const media::Entry& entry,
                    store::ReconciledColumn& column) {
        if (!named.size || *named.size == entry.size) return;
        if (evidence_.had_other_size(named.path, entry.size)) return lost(named);
        ++column.other_size;
        tell("size", named, other_size_, entry.size);
    }

    /// Writes a line to the list, and counts the file for the warning unless it is acknowledged.
    void tell(std::string_view reason, const NamedFile& named, std::uint64_t& told,
              std::optional<std::uint64_t> size = std::nullopt) {
        list_.add(reason, named, size);
        if (acknowledged_.has(named.path, size.has_value())) {
            ++acknowledged_count_;
            return;
        }
        ++told;
        if (!options_.before || before_.has(named.path, size.has_value())) return;
        ++new_;
        if (!size && new_paths_.size() < most_looked_up) new_paths_.push_back(named.path);
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
        for (auto& [attachment, column] : columns_) {
            column.column = fmt::format("{}.{}", attachment->table, attachment->name);
            result.counts.columns.push_back(std::move(column));
        }
        if (auto text = warning(); !text.empty()) result.warnings.push_back(std::move(text));
        result.acknowledged = acknowledged_count_;
        result.missing_list = list_.finish();
        return result;
    }

    /// Returns one warning for all files; empty when there is nothing to report.
    std::string warning() const {
        std::vector<std::string> parts;
        const auto part = [&parts](std::uint64_t told, std::string_view one,
                                   std::string_view many) {
            if (told == 0) return;
            parts.push_back(fmt::format(
                "{} {}",
                parts.empty() ? counted(told, reconcile::named_file, reconcile::named_files)
                              : std::to_string(told),
                told == 1 ? one : many));
        };
        part(missing_, "does not exist, and did not before this backup",
             "do not exist, and did not before this backup");
        if (options_.live)
            part(unclear_, "vanished during this live backup, or shortly before",
                 "vanished during this live backup, or shortly before");
        else
            part(unclear_, "is missing now, and may have been missing before this backup",
                 "are missing now, and may have been missing before this backup");
        part(unreadable_, "cannot be read from the disk", "cannot be read from the disk");
        part(other_size_, "has a different size than it says",
             "have a different size than it says");
        if (parts.empty()) return {};
        auto text = fmt::format("{}", fmt::join(parts, ", "));
        if (options_.before)
            text += fmt::format("; {} new since set {}", new_ == 0 ? "none" : std::to_string(new_),
                                options_.before->set);
        if (acknowledged_count_ > 0) text += fmt::format("; {} acknowledged", acknowledged_count_);
        text += fmt::format(": see '{}' in the set, ignoring",
                            options_.missing_list.filename().native());
        if (const auto path = found_before(); !path.empty())
            text += fmt::format("; hint: mastobak extract {} '{}' gets {} back",
                                options_.before->set, path, new_ == 1 ? "it" : "one");
        return text;
    }

    /// Returns the first new missing file that the previous set has; empty when it has none of
    /// them.
    std::string found_before() const {
        if (new_paths_.empty()) return {};
        try {
            // Both lists have the same order, so the search ends at the first match.
            media::IndexReader index(options_.before->index);
            auto wanted = new_paths_.begin();
            while (const auto* entry = index.next()) {
                if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
                while (media::compare_paths(*wanted, entry->path) < 0)
                    if (++wanted == new_paths_.end()) return {};
                if (*wanted == entry->path && entry->type == media::EntryType::file)
                    return quotable(*wanted);
            }
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
            // The previous index may be damaged. `verify` reports that; this set does not depend on
            // it.
        }
        return {};
    }

    const ReconcileOptions& options_;
    std::stop_token stop_;
    NamedFiles named_;
    media::IndexReader index_;
    MediaTreeProbe evidence_;
    MissingList list_;
    /// The keys point into mastodon::attachments(), so the columns have its order.
    std::map<const Attachment*, store::ReconciledColumn> columns_;
    reconcile::KnownMissing acknowledged_, before_;
    /// The numbers of files for the warning.
    std::uint64_t missing_ = 0, unclear_ = 0, unreadable_ = 0, other_size_ = 0;
    std::uint64_t acknowledged_count_ = 0, new_ = 0;
    std::vector<std::string>
        new_paths_;  ///< first new missing files; the previous set may have them
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
