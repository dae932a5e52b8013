// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fields.hpp"
#include "daemon/records/history.hpp"
#include "daemon/records/nights.hpp"

namespace mastobak {

template <>
struct EnumNames<daemon::CutOff> {
    static constexpr std::array all{"nothing", "person", "service", "death"};
};

template <>
struct Fields<store::UnitRecord> {
    static void list(auto& io, auto& unit) {
        io("name", unit.name, Presence::required);
        io("downtime_seconds", unit.down, Presence::required);
    }
};

template <>
struct Fields<backup::StepTime> {
    static void list(auto& io, auto& step) {
        io("name", step.name, Presence::required);
        io("seconds", step.took, Presence::required);
    }
};

template <>
struct Fields<daemon::SizeByPart> {
    static void list(auto& io, auto& size) {
        io("database_bytes", size.database);
        io("media_bytes", size.media);
        io("other_bytes", size.other);
    }
};

template <>
struct Fields<daemon::RunRecord> {
    template <typename Io>
    static void list(Io& io, auto& run) {
        io("id", run.id, Presence::required);
        io.computed("ok", run.ok());
        io("started_at", run.started_at);
        io("finished_at", run.finished_at);
        io("set", run.set, Presence::required);
        io("size", run.size);
        io("parts", run.parts, Presence::if_set);
        io("missing_files", run.missing_files, Presence::if_set);
        io("dump", run.dump, Presence::if_set);
        io("downtime_seconds", run.downtime);
        io("units", run.units);
        io("warnings", run.warnings);
        io("acknowledged", run.acknowledged);
        io("acknowledged_files", run.acknowledged_files);
        io("down", run.down);
        io("steps", run.steps);
        io("note", run.note);
        io("by", run.by);
        io("attempt", run.attempt);
        // A record of an older version is of the first attempt.
        if constexpr (Io::reads) run.night = run.started_at;
        io("night", run.night);
        io("stopped_mastodon", run.stopped_mastodon);
        io("failed_step", run.failed_step);
        io("rehearsed", run.rehearsed);
        io("dry_run", run.dry_run);
        io("cut_off_by", run.cut_off_by);
        io.below("error", !run.error.empty(), [&run](auto& error) {
            error("code", run.error_code);
            error("message", run.error);
            error("hint", run.hint);
            error("needs_person", run.needs_person);
        });
    }
};

template <>
struct Fields<daemon::PlaceSize> {
    static void list(auto& io, auto& size) {
        io("place", size.place, Presence::required);
        io("bytes", size.bytes, Presence::required);
    }
};

template <>
struct Fields<daemon::Night> {
    static void list(auto& io, auto& night) {
        io("id", night.id, Presence::required);
        io("started_at", night.started_at, Presence::required);
        io("seconds", night.took);
        io("set", night.set);
        io("error", night.error);
        io("warnings", night.warnings);
        io("note", night.note);
        io("downtime_seconds", night.downtime);
        io("database_bytes", night.database);
        io("media_bytes", night.media);
        io("other_bytes", night.other);
        io("used_bytes", night.used);
        io("room_bytes", night.room);
        io("places", night.places);
    }
};

template <>
struct Fields<daemon::History> {
    static void list(auto& io, auto& history) {
        io("known_since", history.known_since);
        io("schedule", history.schedule);
        io("last_run", history.last_run);
        io("last_success", history.last_success);
        io("wasted_stop", history.wasted_stop);
    }
};

}  // namespace mastobak
