// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mastobak::daemon {

/// The kinds of work that the daemon does. Each is one coroutine.
enum class Work {
    opening,    ///< everything before the daemon is ready
    resume,     ///< starts orphaned units
    run,        ///< a backup
    dry_run,    ///< a run without stopping units and without a set
    retention,  ///< retention in staging, outside of a run
    drill,
    scrub,     ///< a slice of a scrub; cancelled when other work (except `schedule`) begins
    schedule,  ///< waits for the time of the next run
    uploads,   ///< the upload worker
};

/// Returns the name for the journal: "run", "retention", …
std::string_view to_string(Work work);

/// Returns whether the work writes to staging. Only one such work may be in progress.
bool uses_staging(Work work);

/// What the daemon must do next.
struct Action {
    enum class Kind {
        start,   ///< start this work
        cancel,  ///< cancel this work
        close,   ///< the daemon is stopping and all work has ended: close everything
    };
    Kind kind = Kind::start;
    Work work = Work::run;
    std::string why{};  ///< reason of a run: "request", "schedule", "catch-up", "retry"

    bool operator==(const Action&) const = default;
};
using Actions = std::vector<Action>;

/// The facts from outside that the agenda needs when a work has ended.
struct Facts {
    bool packs_to_remove = false;  ///< every remote has all packs, and staging.keep_packs is false
    /// a drill is due, and its set is complete where the drill reads it
    bool drill_due = false;
    bool scrub_due = false;  ///< the next slice of the scrub is due
    bool uploading = false;  ///< an upload, or retention at a remote, is in progress
};

/// Decides, for each event, which work starts, waits, is refused, is cancelled or restarts. It is
/// pure: it performs nothing and reads no clock. The daemon passes events in and performs the
/// returned actions in order.
class Agenda {
 public:
    /// Called when the daemon starts.
    Actions begin();

    /// A client requests a run, a dry run, retention or a drill.
    /// \param why reason, for the record of a run
    /// Throws Error{busy} that names the work in the way.
    Actions ask(Work work, const std::string& why);

    /// The schedule says that a run is due. The run waits for a dry run, retention or a resume to
    /// end. If a run is in progress, no other run starts.
    Actions due(const std::string& why);

    /// A client cancels the run or the dry run.
    Actions cancel_run() const;

    /// A work has ended.
    /// \param failed the work ended with an error, and was not cancelled
    Actions end(Work work, bool failed, const Facts& facts);

    /// A work could not start, for example because memory is exhausted. The next look() starts it
    /// again, unless a client has requested it in the meantime; a run waits as one that is due. If
    /// the daemon cannot even open its state, it stops. again() for this work, and stop(), cancel
    /// this retry.
    /// \param why reason, for the record of a run
    Actions not_begun(Work work, const std::string& why = {});

    /// The uploads to a remote have ended, or staging was examined.
    Actions look(const Facts& facts);

    /// An upload begins: cancels the scrub.
    Actions upload_begins();

    /// A run of another process died and left orphaned units.
    Actions leftovers();

    /// Restarts a work, because its configuration has changed.
    Actions again(Work work);

    /// The configuration was reloaded.
    Actions reload();

    /// The daemon has to stop.
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
    std::set<Work> again_;            ///< work to restart after its end, with the new configuration
    std::set<Work> not_begun_;        ///< work to start again
    std::optional<std::string> due_;  ///< a run that waits for other work; the value is its reason
    bool ready_ = false;
    bool stopping_ = false;
};

}  // namespace mastobak::daemon
