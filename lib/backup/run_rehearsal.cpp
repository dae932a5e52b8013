// SPDX-License-Identifier: GPL-3.0-or-later
// Performs all of a run except the outage and the publication, so that a failure occurs while
// Mastodon still runs.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "async/run_blocking.hpp"
#include "backup/run.hpp"
#include "core/error.hpp"
#include "media/tree/tree_size.hpp"

namespace mastobak::backup {
namespace {

template <std::size_t size>
bool has(const std::array<std::string_view, size>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::optional<RehearsalOf> rehearsal_of(std::string_view step) {
    static constexpr std::array<std::string_view, 3> of_the_database{"snapshot", "dump", "check"};
    static constexpr std::array<std::string_view, 4> of_the_media{"compare", "media", "index",
                                                                  "reconcile"};
    if (has(of_the_database, step)) return RehearsalOf::database;
    if (has(of_the_media, step)) return RehearsalOf::everything;
    return std::nullopt;
}

async::Task<Rehearsed> Run::rehearse(RehearsalOf what) {
    const auto night = co_await steps_.run("preflight", preflight(services_.clock.now()));
    const auto configuration = co_await steps_.run("configuration", archive_configuration(night));
    Rehearsed rehearsed{.unreachable = night.unreachable,
                        .size = configuration.size,
                        .media = night.plan->media_size};
    Frozen frozen;
    // If the media do not fit into staging, packs would be uploaded at once, although a rehearsal
    // makes no set. Then no packs are made.
    if (what == RehearsalOf::everything && night.plan->fits) {
        co_await steps_.run("pre-copy", pass(night, &MediaPasses::pre_copy));
        frozen = co_await freeze(night, configuration);  // without the hooks
        frozen.dump = co_await steps_.run("dump", dump_database(night, frozen));
        check_freeze_time(night);
        co_await steps_.run("index", pass(night, &MediaPasses::finish));
        co_await steps_.run("reconcile", reconcile_media(night, frozen));
    } else {
        frozen = co_await steps_.run("snapshot", take_snapshot(night));
        frozen.dump = co_await steps_.run("dump", dump_database(night, frozen));
        rehearsed.media = co_await steps_.run("media", look_at_media(night));
    }
    co_await steps_.run("check", check_dump(night, frozen));
    rehearsed.size += frozen.dump.size();
    rehearsed.steps = steps_.times();
    for (auto& warning : warnings_)
        if (std::ranges::find(rehearsed.unreachable, warning) == rehearsed.unreachable.end())
            rehearsed.warnings.push_back(std::move(warning));
    co_return rehearsed;
}

async::Task<Bytes> Run::look_at_media(const Prepared& night) {
    if (!night.media) co_return night.plan->media_size;
    auto work = [plan = night.plan](std::stop_token stop) {
        return media::tree_size(plan->media_root, plan->excluded, {}, stop).packs;
    };
    co_return co_await async::run_blocking(services_.pool, std::move(work));
}

// If the failed run has exceeded max_downtime, the next freeze must not take as long again.
void Run::check_freeze_time(const Prepared& night) {
    if (config_.consistency.mode != config::ConsistencyMode::quiesce) return;
    static constexpr std::array<std::string_view, 3> frozen{"snapshot", "compare", "media"};
    std::chrono::nanoseconds took{0};
    for (const auto& step : steps_.times())
        if (has(frozen, step.name)) took += step.took;
    if (took <= config_.consistency.max_downtime) return;
    if (night.media)
        for (const auto& note : night.media->notes()) inform(note);
    throw Error(Errc::units,
                fmt::format("what is done while Mastodon is stopped would take {}, and "
                            "consistency.max_downtime is {}",
                            to_text(took), to_text(config_.consistency.max_downtime)),
                "raise consistency.max_downtime, or find out why the media takes so long: see the "
                "notes of the run in the journal");
}

}  // namespace mastobak::backup
