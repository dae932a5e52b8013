// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>

#include "core/fields.hpp"
#include "daemon/records/drill_record.hpp"

namespace mastobak {

template <>
struct EnumNames<postgres::Verdict> {
    static constexpr std::array all{"good", "bad", "skipped"};
};
template <>
struct EnumNames<postgres::FoundRow::Kind> {
    static constexpr std::array all{"changed", "missing", "added", "repeated"};
};

template <>
struct Fields<postgres::Amount> {
    static void list(auto& io, auto& amount) {
        io("count", amount.count);
        io("bytes", amount.bytes);
    }
};

template <>
struct Fields<postgres::Check> {
    template <typename Io>
    static void list(Io& io, auto& check) {
        io("name", check.name, Presence::required);
        // A verdict that this version does not know does not prove the set.
        if constexpr (Io::reads) check.verdict = postgres::Verdict::bad;
        io("verdict", check.verdict, Presence::required);
        io("figure", check.figure);
        io("problem_count", check.problem_count);
        io("problems", check.problems);
        io("read", check.read);
        io("by_size", check.by_size);
    }
};

template <>
struct Fields<postgres::FoundRow> {
    static void list(auto& io, auto& row) {
        io("kind", row.kind);
        io("key", row.key);
        io("columns", row.columns);
        io("then", row.then);
        io("now", row.now);
    }
};

template <>
struct Fields<postgres::ExplainedTable> {
    static void list(auto& io, auto& explained) {
        io("table", explained.table);
        io("finding", explained.finding);
        io("rows", explained.rows.rows);
        io("keys", explained.rows.keys);
        io("all", explained.rows.all);
        io("exact", explained.rows.exact);
    }
};

template <>
struct Fields<restore::MediaRead> {
    static void list(auto& io, auto& media) {
        io("now", media.now);
        io("ever", media.ever);
        io("of", media.of);
        io("drills_left", media.drills_left);
        io("all_read_by", media.all_read_by);
    }
};

template <>
struct Fields<restore::RestoreRates> {
    static void list(auto& io, auto& rates) {
        io("request_ns", rates.request);
        io("fetched_byte_ns", rates.fetched_byte);
        io("dump_byte_ns", rates.dump_byte);
        io("file_ns", rates.file);
        io("media_byte_ns", rates.media_byte);
        io("written_byte_ns", rates.written_byte);
    }
};

template <>
struct Fields<restore::RestoreEstimate> {
    static void list(auto& io, auto& estimate) {
        io.computed("seconds", estimate.total());
        io("fetch_seconds", estimate.fetch);
        io("database_seconds", estimate.database);
        io("media_seconds", estimate.media);
    }
};

template <>
struct Fields<daemon::DrillRecord> {
    static void list(auto& io, auto& record) {
        auto& report = record.report;
        std::optional<std::chrono::seconds> full;
        if (report.full_restore)
            full = std::chrono::ceil<std::chrono::seconds>(report.full_restore->total());
        io("id", record.id, Presence::required);
        io.computed("proven", record.proven());
        io("set", report.set);
        io("source", report.source);
        io("started_at", report.started_at);
        io("took_seconds", report.took);
        io("fetched_bytes", report.fetched);
        io.computed("full_restore_seconds", full);
        // Records of older versions have a number, which was measured in another way.
        io("full_restore", report.full_restore);
        io("rates", report.rates);
        io("media", report.media);
        io("explained", report.explained);
        io("checks", report.checks, Presence::required);
        io.below("error", !record.made(), [&record](auto& error) {
            error("code", record.error_code);
            error("message", record.error);
            error("hint", record.hint);
        });
    }
};

/// Often two of these drills are the same: it is written once, and the other one is its id.
template <>
struct Fields<daemon::Drills> {
    static void list(auto& io, auto& drills) {
        io("last", drills.last);
        drill(io, "last_made", drills.last_made, {&drills.last});
        drill(io, "last_proven", drills.last_proven, {&drills.last, &drills.last_made});
    }

 private:
    template <typename Io>
    static void drill(Io& io, const char* key, auto& drill,
                      std::initializer_list<const std::optional<daemon::DrillRecord>*> others) {
        std::optional<std::string> id;
        if constexpr (Io::reads) io(key, id);
        for (const auto* other : others) {
            if (!*other) continue;
            if constexpr (Io::reads) {
                if (id == (*other)->id) drill = *other;
            } else {
                if (drill && drill->id == (*other)->id) id = drill->id;
            }
        }
        if constexpr (!Io::reads)
            if (id) io(key, id);
        if (!id) io(key, drill);
    }
};

}  // namespace mastobak
