// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/retry.hpp"

#include <algorithm>
#include <array>

namespace mastobak::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds first_delay = 5min, longest_delay = 1h,
                                   after_interruption = 1min;

bool is_of_the_schedule(const RunRecord& record) {
    return record.by == "schedule" || record.by == "catch-up" || record.by == "retry";
}

/// Returns whether the error of a run may disappear by itself within minutes.
bool passes(const RunRecord& record) {
    static constexpr std::array passing{Errc::database, Errc::staging, Errc::media,
                                        Errc::offsite,  Errc::units,   Errc::busy};
    return !record.needs_person && std::ranges::any_of(passing, [&](Errc code) {
        return record.error_code == to_string(code);
    });
}

/// Returns whether a retry in the same night may stop Mastodon again. It may if the failed step can
/// be rehearsed first. It may not if a rehearsal succeeded before this failure, because rehearsals
/// then do not detect its cause.
bool may_stop_again(const RunRecord& last) {
    return !last.stopped_mastodon || (!last.rehearsed && backup::rehearsal_of(last.failed_step));
}

std::chrono::nanoseconds delay_after(int attempt) {
    auto delay = first_delay;
    for (int n = 1; n < attempt && delay < longest_delay; ++n) delay *= 2;
    return std::min(delay, longest_delay);
}

}  // namespace

bool was_interrupted(const RunRecord& record) {
    return is_of_the_schedule(record) && !record.ok() &&
           (record.cut_off_by == CutOff::service || record.cut_off_by == CutOff::death ||
            record.error_code == to_string(Errc::shutdown));
}

std::optional<Timestamp> retry_at(const RunRecord& last, const config::Schedule& schedule) {
    if (last.ok() || !last.finished_at || !is_of_the_schedule(last)) return std::nullopt;
    const bool interrupted = was_interrupted(last);
    if (!interrupted && (!passes(last) || !may_stop_again(last))) return std::nullopt;
    const auto at =
        *last.finished_at + (interrupted ? after_interruption : delay_after(last.attempt));
    if (at > last.night + schedule.retry_until) return std::nullopt;
    return at;
}

RunRecord new_record(Timestamp now, const std::string& by, const std::optional<RunRecord>& last) {
    RunRecord record;
    record.id = to_set_name(now);
    record.started_at = record.night = now;
    record.by = by;
    const bool continues =
        last && !last->ok() && (by == "retry" || (by == "catch-up" && was_interrupted(*last)));
    if (!continues) return record;
    record.night = last->night;
    record.attempt = last->attempt + 1;
    return record;
}

}  // namespace mastobak::daemon
