// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backup/retention/prune.hpp"
#include "core/fields.hpp"
#include "daemon/records/staging_usage.hpp"
#include "offsite/worker.hpp"
#include "scrub/ledger.hpp"

namespace mastobak {

template <>
struct Fields<offsite::RemoteState> {
    static void list(auto& io, auto& remote) {
        io("remote", remote.remote, Presence::required);
        io("newest_set", remote.newest_set, Presence::required);
        io("completed_at", remote.completed_at);
        io("free_bytes", remote.free);
        io("queued", remote.queued);
        io("oldest_queued", remote.oldest_queued);
        io("waiting_bytes", remote.waiting);
        io("uploading", remote.uploading);
        io("done", remote.done);
        io("total", remote.total);
        io("bytes_per_second", remote.rate);
        io("seconds_left", remote.left);
        io("last_error", remote.last_error);
        io("failed_at", remote.failed_at);
        io("next_attempt", remote.next_attempt);
        io("tidying", remote.pruning);
    }
};

template <>
struct Fields<store::Decision> {
    static void list(auto& io, auto& decision) {
        io("set", decision.set, Presence::required);
        io("kept", decision.kept, Presence::required);
        io("why", decision.why);
    }
};

template <>
struct Fields<backup::PruneReport> {
    static void list(auto& io, auto& report) {
        io("remote", NullIfEmpty{report.remote}, Presence::required);
        io("at", report.at, Presence::required);
        io("dry_run", report.dry_run);
        io("sets", report.decisions, Presence::required);
        io("removed_packs", report.shared);
        io("sent_away", report.evicted);
        io("freed", report.freed);
        io("warnings", report.warnings);
        io("waits_for", report.waits_for);
        io("refusal", report.refusal);
        io("error", report.error);
    }
};

template <>
struct Fields<daemon::Storage> {
    static void list(auto& io, auto& storage) {
        auto& usage = storage.usage;
        io("sets", usage.sets);
        io("live", usage.live);
        io("dead", usage.dead);
        io("away", usage.away);
        io("unfinished", usage.unfinished);
        io("free", storage.free);
        io("room", storage.room);
        io("unreadable", usage.unreadable);
        io.below("next_night", true, [&usage](auto& next) {
            next("bytes", usage.next.bytes);
            next("nights", usage.next.nights);
        });
    }
};

template <>
struct Fields<scrub::Damage> {
    static void list(auto& io, auto& damage) {
        io("problem", damage.problem);
        io("found_at", damage.found_at);
        io("files", damage.members);
        io("file_count", damage.member_count);
        io("sets", damage.sets);
        io("good_copy", damage.good_copy);
    }
};

template <>
struct Fields<scrub::Summary> {
    static void list(auto& io, auto& summary) {
        io("place", summary.place, Presence::required);
        io("objects", summary.objects);
        io("bytes", summary.bytes);
        io("read_bytes", summary.read);
        io("never_read_bytes", summary.never_read);
        io("oldest_read_at", summary.oldest_read);
        io("newest_read_at", summary.newest_read);
        io("overdue_bytes", summary.overdue);
        io("damaged_count", summary.damaged_count);
        io.keyed("damaged", "object", summary.damaged);
        io("problem", summary.problem);
    }
};

}  // namespace mastobak
