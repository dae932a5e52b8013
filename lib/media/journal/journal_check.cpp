// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/journal/journal_check.hpp"

#include <optional>
#include <utility>

#include "core/error.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/path_order.hpp"

namespace mastobak::media {
namespace {

/// Compares only what the tree determines. The place in a pack may differ without a change of the
/// file (a pass may pack a file again), and so may file and hard link, when the first of several
/// names was removed.
bool is_same(const Entry& a, const Entry& b) {
    const bool same_file = a.type != EntryType::directory && a.type != EntryType::symlink &&
                           b.type != EntryType::directory && b.type != EntryType::symlink;
    return (a.type == b.type || same_file) && a.mode == b.mode && a.uid == b.uid &&
           a.gid == b.gid && a.mtime == b.mtime && a.ctime == b.ctime && a.inode == b.inode;
}

}  // namespace

MissedChanges check_journal(const IndexFiles& older, const IndexFiles& newer, const Paths& named,
                            std::stop_token stop) {
    IndexReader before(older);
    IndexReader after(newer);
    MissedChanges missed;
    const auto changed = [&](const std::string& path) {
        if (named.contains(path)) return;
        if (missed.count++ == 0) missed.first = path;
    };

    const auto* a = before.next();
    const auto* b = after.next();
    while (a || b) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const int order = !a ? 1 : !b ? -1 : compare_paths(a->path, b->path);
        if (order != 0 || !is_same(*a, *b)) changed(order <= 0 ? a->path : b->path);
        if (order <= 0) a = before.next();
        if (order >= 0) b = after.next();
    }
    return missed;
}

}  // namespace mastobak::media
