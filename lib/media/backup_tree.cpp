// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/backup_tree.hpp"

#include <utility>

#include "media/changes.hpp"
#include "media/index/previous_index.hpp"
#include "media/pack/tree_writer.hpp"
#include "media/read/read_ahead.hpp"
#include "media/reporter.hpp"
#include "media/tree/media_root.hpp"
#include "media/tree/walk.hpp"
#include "media/tree_options.hpp"
#include "media/warnings.hpp"

namespace mastobak::media {

TreeResult backup_tree(const TreeOptions& options,
                       const std::function<void(const TreeProgress&)>& progress,
                       std::stop_token stop) {
    check_apart(options.root, options.pack_directory);
    Warnings warnings;
    Opener opener;
    Walk walk(opener, open_root(options.root, options.owners), options.excluded,
              options.count_excluded, warnings, stop, options.known_links);
    PreviousIndex previous(options.previous_index, options.trusted_until);
    ReadAhead reads(opener, options.read_attempts, options.rate_limit, stop);
    TreeWriter writer(options, reads, warnings, stop);
    Reporter report(progress);

    const auto next = [&] {
        auto found = walk.next();
        if (found) found->deferred = options.may_defer && !walk.links().repeated().empty();
        return found;
    };
    Changes changes(next, previous, reads, warnings);
    while (auto batch = changes.next()) {
        for (auto& change : *batch) {
            writer.add(std::move(change));
            report(writer.progress());
        }
    }
    if (progress) progress(writer.progress());

    auto result = writer.finish();
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

}  // namespace mastobak::media
