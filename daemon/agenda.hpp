// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mastobak::daemon {

/// What the daemon does, each by one coroutine.
enum class Work {
    opening,    ///< all that comes before the daemon is ready
    resume,     ///< starts the units that a killed run has left stopped
    run,        ///< a backup
    dry_run,    ///< all of one but the outage and the set
    retention,  ///< in staging, outside of a run
    drill,
    scrub,     ///< a slice of reading again what is stored; gives way to all but waiting
    schedule,  ///< waits for the hour of the next run
    uploads,   ///< the upload worker
};

/// "run", "retention", …: as the journal shows it.
std::string_view to_string(Work work);

/// Whether only one of these may be under way, since they write to staging.
bool uses_staging(Work work);

/// What the daemon has to do next.
struct Action {
    enum class Kind {
        start,   ///< begin this work
        cancel,  ///< ask this work to end
        close,   ///< nothing is under way any more, and the daemon is to stop: close all
    };
    Kind kind = Kind::start;
    Work work = Work::run;
    std::string why{};  ///< of a run: "request", "schedule", "catch-up", "retry"

    bool operator==(const Action&) const = default;
};
using Actions = std::vector<Action>;

/// What the agenda has to know of the world when something has ended.
struct Facts {
    bool packs_to_remove = false;  ///< every remote has all packs, and staging is not to keep them
    bool drill_due = false;        ///< and all is where a drill looks for it
    bool scrub_due = false;        ///< the last slice is long enough ago
    bool uploading = false;        ///< or retention is at work at a remote
};

/// Decides what may start, waits, is refused, is cancelled or starts again when something happens.
/// Pure: it performs nothing and knows no clock. The daemon passes events in and performs what
/// comes out, in that order.
class Agenda {
 public:
    /// The daemon begins.
    Actions begin();

    /// Somebody asks for a run, a dry run, retention or a drill.
    /// \param why for the record of a run
    /// Throws Error{busy} that says what is in its way.
    Actions ask(Work work, const std::string& why);

    /// The schedule says that a run is due. It waits for a dry run, retention and a resume; a run
    /// that is under way takes its place.
    Actions due(const std::string& why);

    /// Somebody asks that the run, or the dry run, end.
    Actions cancel_run() const;

    /// A work has ended.
    /// \param failed it was not cancelled, and did not end by itself
    Actions end(Work work, bool failed, const Facts& facts);

    /// A work could not begin: a full disk, say. It is tried again when staging was looked at.
    Actions not_begun(Work work);

    /// The uploads to a remote have ended, or staging was looked at.
    Actions look(const Facts& facts);

    /// An upload begins: a scrub gives way.
    Actions upload_begins();

    /// Units were left stopped by a run of another process that died.
    Actions leftovers();

    /// Begin a work anew: what it began with is another one now.
    Actions again(Work work);

    /// The configuration is another one now.
    Actions reload();

    /// The daemon is to stop.
    Actions stop();

    bool ready() const { return ready_; }
    bool stopping() const { return stopping_; }
    bool is_under_way(Work work) const { return under_way_.contains(work); }

 private:
    Actions start(Work work, std::string why = {});
    Actions next(const Facts& facts);
    bool staging_is_in_use() const;
    void close_when_done(Actions& actions) const;

    std::set<Work> under_way_;
    std::set<Work> again_;            ///< begin anew once they have ended: the configuration is new
    std::set<Work> not_begun_;        ///< to be tried again
    std::optional<std::string> due_;  ///< a run, as soon as nothing is in its way: why
    bool ready_ = false;
    bool stopping_ = false;
};

}  // namespace mastobak::daemon
