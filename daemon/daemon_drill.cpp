// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "async/run_blocking.hpp"
#include "core/error.hpp"
#include "daemon/daemon.hpp"
#include "daemon/logging.hpp"

namespace mastobak::daemon {
namespace {

void log_result(spdlog::logger& log, const DrillRecord& record) {
    const WithFields fields({.set = record.report.set,
                             .event = record.proven() ? events::drill_proven
                                      : record.made() ? events::drill_failed
                                                      : events::drill_not_made});
    if (!record.made())
        return log.error("drill={} result=not-made code={} error={} hint={}", record.id,
                         record.error_code, quoted_value(record.error), quoted_value(record.hint));
    if (record.proven()) return log.info("drill={} result=proven {}", record.id, text_of(record));
    for (const auto& check : record.report.checks)
        if (check.verdict == postgres::Verdict::bad)
            log.critical("drill={} set={} check='{}' is bad: {}", record.id, record.report.set,
                         check.name,
                         check.problems.empty() ? check.figure : check.problems.front());
    log.critical("drill={} result=failed {}; hint: mastobak show {}", record.id, text_of(record),
                 record.report.set);
}

}  // namespace

async::Task<> Daemon::one_drill(DrillRequest request, std::string id) {
    auto work = [request = std::move(request), config = config_,
                 box = drilling_](std::stop_token stop) {
        return perform_drill(
            config, request, drill_scratch(config),
            [box](const restore::DrillProgress& now) { box->put(now); }, std::move(stop));
    };
    auto record = co_await async::run_blocking(drill_pool_, std::move(work));
    record.id = std::move(id);
    log_result(*log_, record);
    try {
        write_drill(config_.state_directory, record);
    } catch (const Error& error) {
        log_->error("drill={} {}, ignoring", record.id, error.what());
    }
    drills_.last = record;
    if (record.made()) drills_.last_made = record;
    if (record.proven()) drills_.last_proven = record;
    notifier_.send(message_of(record, clock_.now(), config_.instance));
    co_await keep_report();
}

std::string Daemon::start_drill(DrillRequest request) {
    const auto is_ours = [&](const auto& remote) { return remote.name == request.from; };
    if (!request.from.empty() && std::ranges::none_of(config_.offsite, is_ours))
        throw Error(Errc::usage, fmt::format("there is no remote '{}'", request.from),
                    "the names are those of `offsite:` in the configuration");
    if (request.set != "latest" && !parse_set_name(request.set))
        throw Error(Errc::usage, fmt::format("'{}' is not a set name", request.set));
    const auto actions = agenda_.ask(Work::drill, {});
    drill_request_ = std::move(request);
    perform_all(actions);
    return drill_id_;
}

async::Task<> Daemon::make_drill() {
    const auto now = clock_.now();
    drill_id_ = to_set_name(now);
    auto request = std::exchange(drill_request_, {.signed_only = true});
    log_->info("drill={} started set={} from='{}'", drill_id_, request.set, request.from);
    drilling_ = std::make_shared<DrillProgressBox>(drill_id_, now);
    tell_status();
    return one_drill(std::move(request), drill_id_);
}

// A drill waits until the newest set is uploaded, but not for a remote whose uploads fail.
bool Daemon::drill_is_due_now() {
    if (!newest_) return false;
    const auto remotes = uploads_->state();
    if (std::ranges::any_of(remotes, [](const auto& remote) {
            return remote.queued > 0 && remote.last_error.empty();
        }))
        return false;
    drills_ = read_drills(config_.state_directory);  // `drill --standalone` writes it, too
    return drill_is_due(config_.drill.schedule, drills_, parse_set_name(*newest_), clock_.now());
}

}  // namespace mastobak::daemon
