// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/journal/journal_check.hpp"

#include "core/error.hpp"
#include "media/index/side_by_side.hpp"

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
    SideBySide indexes({older, newer});
    MissedChanges missed;
    while (indexes.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const auto *before = indexes.entry(0), *after = indexes.entry(1);
        if (before && after && is_same(*before, *after)) continue;
        if (named.contains(indexes.path())) continue;
        if (missed.count++ == 0) missed.first = indexes.path();
    }
    return missed;
}

}  // namespace mastobak::media
