// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack/repack.hpp"

#include <sys/stat.h>

#include <optional>
#include <utility>

#include "core/error.hpp"
#include "media/index/index_reader.hpp"
#include "media/tree/media_root.hpp"
#include "media/tree/walk.hpp"

namespace mastobak::media {
namespace {

/// The entries of an index that are in the given packs and whose files in the tree are unchanged.
class PackedFiles {
 public:
    PackedFiles(Opener& opener, const TreeOptions& options, const std::set<std::string>& packs,
                std::stop_token stop)
        : index_(options.previous_index),
          trusted_until_(options.trusted_until),
          packs_(packs),
          look_(opener, open_root(options.root, options.owners)),
          stop_(std::move(stop)) {}

    std::optional<Found> next() {
        while (const auto* entry = index_.next()) {
            if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
            if (!packs_.contains(entry->pack) || entry->ctime >= trusted_until_) continue;
            auto found = look_.at(entry->path);
            const bool same = found && is_unchanged(found->status, *entry) &&
                              (found->status.links == 1 || !S_ISREG(found->status.mode));
            if (!same) continue;
            found->expected = entry->sha256;
            return found;
        }
        return std::nullopt;
    }

 private:
    IndexReader index_;
    const Timestamp trusted_until_;
    const std::set<std::string>& packs_;
    PathStat look_;
    std::stop_token stop_;
};

Paths paths_of(const IndexFiles& index) {
    Paths paths;
    IndexReader reader(index);
    while (const auto* entry = reader.next()) paths.insert(paths.end(), entry->path);
    return paths;
}

}  // namespace

Repacked repack(const TreeOptions& options, const std::set<std::string>& packs,
                const std::function<void(const TreeProgress&)>& progress, std::stop_token stop) {
    check_apart(options.root, options.pack_directory);
    Warnings warnings;
    Opener opener;
    PackedFiles files(opener, options, packs, stop);
    PreviousIndex nothing({}, {});
    auto result = pack_found(
        options, opener, [&] { return files.next(); }, nothing, warnings, progress, stop);
    return {std::move(result), paths_of(options.index)};
}

}  // namespace mastobak::media
