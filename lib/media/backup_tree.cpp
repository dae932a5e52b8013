// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/backup_tree.hpp"

#include <chrono>
#include <utility>

#include "media/journal/changed_paths.hpp"
#include "media/pack/tree_writer.hpp"
#include "media/read/read_ahead.hpp"
#include "media/tree/media_root.hpp"
#include "media/tree/walk.hpp"

namespace mastobak::media {

TreeResult pack_found(const TreeOptions& options, Opener& opener, Changes::Look look,
                      PreviousIndex& previous, Warnings& warnings,
                      const std::function<void(const TreeProgress&)>& progress,
                      std::stop_token stop) {
    constexpr std::chrono::milliseconds interval(100);
    ReadAhead reads(opener, options.read_attempts, options.rate_limit, stop);
    TreeWriter writer(options, reads, warnings, std::move(stop));
    std::chrono::steady_clock::time_point next_report;
    {
        Changes changes(std::move(look), previous, reads, warnings);
        while (auto batch = changes.next()) {
            for (auto& change : *batch) {
                writer.add(std::move(change));
                const auto now = std::chrono::steady_clock::now();
                if (!progress || now < next_report) continue;
                next_report = now + interval;
                progress(writer.progress());
            }
        }
    }
    if (progress) progress(writer.progress());
    auto result = writer.finish();
    result.warnings = warnings.texts();
    result.warnings_in_all = warnings.count();
    return result;
}

TreeResult backup_tree(const TreeOptions& options,
                       const std::function<void(const TreeProgress&)>& progress,
                       std::stop_token stop) {
    check_apart(options.root, options.pack_directory);
    Warnings warnings;
    Opener opener;
    Walk walk(opener, open_root(options.root, options.owners), options.excluded,
              options.count_excluded, warnings, stop, options.known_links);
    PreviousIndex previous(options.previous_index, options.trusted_until);
    const auto next = [&] {
        auto found = walk.next();
        if (found) found->deferred = options.may_defer && !walk.links().repeated().empty();
        return found;
    };
    auto result = pack_found(options, opener, next, previous, warnings, progress, stop);
    if (options.may_defer) result.repeated = walk.links().repeated();
    if (result.repeated.empty()) {
        check_not_empty(options.root, result.index.files);
        if (auto warning = shrinkage(result.index.files, previous.count_files()))
            warnings.add(std::move(*warning));
    }
    result.followed = walk.links().all();
    for (const auto& link : result.followed) check_apart(link.target, options.pack_directory);
    result.vanished += walk.counts().vanished;
    result.unreadable += walk.counts().unreadable;
    result.excluded_files = walk.counts().excluded_files;
    result.excluded_bytes = walk.counts().excluded_bytes;
    result.warnings = warnings.texts();
    result.warnings_in_all = warnings.count();
    return result;
}

Delta backup_changes(const TreeOptions& options, const Paths& paths,
                     const std::function<void(const TreeProgress&)>& progress,
                     std::stop_token stop) {
    check_apart(options.root, options.pack_directory);
    Warnings warnings;
    Opener opener;
    ChangedPaths changed(opener, open_root(options.root, options.owners), paths, options.excluded,
                         warnings, stop);
    PreviousIndex nothing({}, {});
    Delta delta;
    delta.result = pack_found(
        options, opener, [&] { return changed.next(); }, nothing, warnings, progress, stop);
    delta.gap = changed.gap();
    delta.result.unreadable += changed.unreadable();
    return delta;
}

}  // namespace mastobak::media
