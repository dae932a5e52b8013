// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/backup_changes.hpp"

#include <utility>

#include "media/changes.hpp"
#include "media/index/previous_index.hpp"
#include "media/journal/changed_paths.hpp"
#include "media/pack/tree_writer.hpp"
#include "media/read/read_ahead.hpp"
#include "media/reporter.hpp"
#include "media/tree/media_root.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

Delta backup_changes(const TreeOptions& options, const Paths& paths,
                     const std::function<void(const TreeProgress&)>& progress,
                     std::stop_token stop) {
    check_apart(options.root, options.pack_directory);
    Warnings warnings;
    Opener opener;
    ChangedPaths changed(opener, open_root(options.root, options.owners), paths, options.excluded,
                         warnings, stop);
    PreviousIndex nothing({}, {});
    ReadAhead reads(opener, options.read_attempts, options.rate_limit, stop);
    TreeWriter writer(options, reads, warnings, stop);
    Reporter report(progress);

    {
        Changes changes([&] { return changed.next(); }, nothing, reads, warnings);
        while (auto batch = changes.next()) {
            for (auto& change : *batch) {
                writer.add(std::move(change));
                report(writer.progress());
            }
        }
    }
    Delta delta{changed.gap(), writer.finish()};
    delta.result.unreadable += changed.unreadable();
    delta.result.warnings = warnings.texts();
    delta.result.warnings_in_all = warnings.count();
    return delta;
}

}  // namespace mastobak::media
