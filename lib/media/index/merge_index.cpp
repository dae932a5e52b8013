// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/merge_index.hpp"

#include <optional>
#include <utility>

#include "core/error.hpp"
#include "media/index/index_reader.hpp"

namespace mastobak::media {
namespace {

/// Finds paths in a sorted set by a merge: they have to be asked for in index order.
class LookedAt {
 public:
    explicit LookedAt(const Paths& paths) : next_(paths.begin()), end_(paths.end()) {}
    bool operator()(const std::string& path) {
        while (next_ != end_ && compare_paths(*next_, path) < 0) ++next_;
        return next_ != end_ && *next_ == path;
    }

 private:
    Paths::const_iterator next_;
    const Paths::const_iterator end_;
};

class Merge {
 public:
    explicit Merge(const std::filesystem::path& out) : index_(out) {}

    void write(const Entry& entry, std::string_view line) {
        index_.add(entry, line);
        count_use(result_.packs_used, entry);
    }
    void count_base(const Entry& entry) {
        if (entry.type == EntryType::file) ++result_.base_files;
    }
    MergedIndex finish() {
        result_.index = index_.finish();
        return std::move(result_);
    }

 private:
    IndexWriter index_;
    MergedIndex result_;
};

bool is_below(const std::string& path, const std::string& directory) {
    return path.size() > directory.size() && path.starts_with(directory) &&
           path[directory.size()] == '/';
}

}  // namespace

MergedIndex merge_index(const IndexFiles& base, const std::filesystem::path& delta,
                        const Paths& paths, const std::filesystem::path& out,
                        std::stop_token stop) {
    IndexReader old_entries(base);
    IndexReader new_entries(delta);
    LookedAt looked_at(paths);
    Merge merge(out);
    std::optional<std::string> no_directory;  ///< a removed directory: entries below it are dropped
    const auto* fresh = new_entries.next();
    const auto write_fresh = [&] {
        merge.write(*fresh, new_entries.line());
        fresh = new_entries.next();
    };

    while (const auto* old = old_entries.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        merge.count_base(*old);
        while (fresh && compare_paths(fresh->path, old->path) < 0) write_fresh();
        if (no_directory && is_below(old->path, *no_directory)) continue;
        if (!looked_at(old->path)) {
            merge.write(*old, old_entries.line());
            continue;
        }
        const bool there = fresh && fresh->path == old->path;
        if (!there || fresh->type != EntryType::directory) no_directory = old->path;
        if (there) write_fresh();
    }
    while (fresh) write_fresh();
    return merge.finish();
}

}  // namespace mastobak::media
