// SPDX-License-Identifier: GPL-3.0-or-later
// Performs all of a run except the outage and the publication, so that a failure occurs while
// Mastodon still runs.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
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
    manifest_.started_at = services_.clock.now();
    co_await step("preflight", preflight());
    co_await step("configuration", archive_configuration());
    // If the media do not fit into staging, packs would be uploaded at once, although a rehearsal
    // makes no set. Then no packs are made.
    if (what == RehearsalOf::everything && plan_.fits) {
        co_await step("pre-copy", pre_copy_media());
        co_await live();
        check_freeze_time();
        co_await step("index", finish_media());
        co_await step("reconcile", reconcile_media());
    } else {
        co_await step("snapshot", take_snapshot());
        co_await step("dump", dump_database());
        co_await step("media", look_at_media());
    }
    co_await step("check", check_dump());
    Rehearsed rehearsed{.unreachable = std::move(unreachable_),
                        .size = dump_size_,
                        .media = plan_.media_size,
                        .steps = std::move(steps_)};
    rehearsed.size += configuration_.size;
    for (auto& warning : manifest_.warnings)
        if (std::ranges::find(rehearsed.unreachable, warning) == rehearsed.unreachable.end())
            rehearsed.warnings.push_back(std::move(warning));
    co_return rehearsed;
}

async::Task<> Run::look_at_media() {
    if (!media_) co_return;
    async::BlockingWork work = [this](std::stop_token stop) {
        plan_.media_size = media::tree_size(plan_.media_root, plan_.excluded, stop);
    };
    co_await async::run_blocking(services_.pool, std::move(work));
}

// If the failed run has exceeded max_downtime, the next freeze must not take as long again.
void Run::check_freeze_time() {
    if (config_.consistency.mode != config::ConsistencyMode::quiesce) return;
    static constexpr std::array<std::string_view, 3> frozen{"snapshot", "compare", "media"};
    std::chrono::nanoseconds took{0};
    for (const auto& step : steps_)
        if (has(frozen, step.name)) took += step.took;
    if (took <= config_.consistency.max_downtime) return;
    if (media_)
        for (const auto& note : media_->notes()) services_.observer.message(Severity::info, note);
    throw Error(Errc::units,
                fmt::format("what is done while Mastodon is stopped would take {}, and "
                            "consistency.max_downtime is {}",
                            to_text(took), to_text(config_.consistency.max_downtime)),
                "raise consistency.max_downtime, or find out why the media takes so long: see the "
                "notes of the run in the journal");
}

}  // namespace mastobak::backup
