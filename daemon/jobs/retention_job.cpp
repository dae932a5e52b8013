// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/retention_job.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>

#include "async/run_blocking.hpp"
#include "backup/retention/prune_remote.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "daemon/logging.hpp"
#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

constexpr auto file_name = "retention.json";

std::vector<std::string> complaints(const backup::PruneReport& report) {
    auto all = report.warnings;
    if (!report.error.empty())
        all.push_back("old sets could not be removed from staging: " + report.error);
    return all;
}

const config::Remote* entry_of(const config::Config& config, const std::string& remote) {
    const auto entry = std::find_if(config.offsite.begin(), config.offsite.end(),
                                    [&](const auto& e) { return e.name == remote; });
    return entry == config.offsite.end() ? nullptr : &*entry;
}

}  // namespace

Pruning::Pruning(std::filesystem::path state_directory, Clock& clock,
                 std::shared_ptr<spdlog::logger> log)
    : file_(state_directory / file_name),
      clock_(clock),
      log_(std::move(log)),
      reports_(read_prune_reports(state_directory)) {}

async::Task<std::vector<std::string>> Pruning::prune_staging(boost::asio::thread_pool& pool,
                                                             config::Config config,
                                                             backup::PruneOptions options,
                                                             std::stop_token stop) {
    const auto now = clock_.now();
    auto work = [config = std::move(config), now, options, stop](std::stop_token) {
        return backup::prune_staging(config, now, options, stop);
    };
    backup::PruneReport report;
    try {
        report = co_await async::run_blocking(pool, std::move(work));
    } catch (...) {
        report = backup::failed_prune({}, now, std::current_exception());
    }
    auto all = complaints(report);
    note(std::move(report));
    co_return all;
}

async::Task<> Pruning::prune_remote(boost::asio::thread_pool& pool, config::Config config,
                                    std::shared_ptr<offsite::Remote> remote) {
    const auto now = clock_.now();
    const auto name = remote->name();
    auto work = [config = std::move(config), now, remote = std::move(remote)](
                    std::stop_token stop) -> std::optional<backup::PruneReport> {
        const auto* entry = entry_of(config, remote->name());
        if (entry == nullptr) return std::nullopt;
        return backup::prune_remote(config, *entry, *remote, now, {}, std::move(stop));
    };
    std::optional<backup::PruneReport> report;
    std::exception_ptr failure;
    try {
        report = co_await async::run_blocking(pool, std::move(work));
    } catch (...) {
        failure = std::current_exception();
    }
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (failure && state.cancelled() != boost::asio::cancellation_type::none)
        std::rethrow_exception(failure);
    if (failure) report = backup::failed_prune(name, now, failure);
    if (report) note(std::move(*report));
}

// Only status and the log use it, so a failure to write it is only logged.
void Pruning::note(backup::PruneReport report) {
    const auto before = std::find_if(reports_.begin(), reports_.end(), [&](const auto& other) {
        return other.remote == report.remote;
    });
    log(report, before == reports_.end() ? nullptr : &*before);
    if (before == reports_.end())
        reports_.push_back(std::move(report));
    else
        *before = std::move(report);
    try {
        write_file(file_, dump(to_json(reports_), 2) + "\n");
    } catch (const std::exception& error) {
        log_->warn("{}, ignoring", error.what());
    }
}

void Pruning::log(const backup::PruneReport& report, const backup::PruneReport* before) {
    const auto place = report.place();
    const WithFields fields(
        {.remote = report.remote,
         .event = report.error.empty() ? MessageId{} : events::retention_failed});
    for (const auto& warning : report.warnings) log_->warn("retention at {}: {}", place, warning);
    if (!report.error.empty())
        return log_->warn("retention at {} failed: {}, will retry after the next run", place,
                          report.error);
    if (!report.waits_for.empty())
        return log_->debug("retention at {} waits for {}", place, report.waits_for);
    if (!report.refusal.empty()) {
        if (before == nullptr || before->refusal.empty())
            log_->info("{} keeps everything: {}", place, report.refusal);
        return;
    }
    const auto went = report.sets_gone() + report.shared.size() + report.evicted;
    const auto level = went > 0 ? spdlog::level::info : spdlog::level::debug;
    log_->log(level,
              "retention at {}: removed_sets={} removed_shared_files={} evicted={} freed='{}' "
              "kept_sets={}",
              place, report.sets_gone(), report.shared.size(), report.evicted,
              to_string(report.freed), report.decisions.size() - report.sets_gone());
}

std::vector<backup::PruneReport> read_prune_reports(const std::filesystem::path& state_directory) {
    // The file only informs. If it is missing or damaged, there are no reports.
    using Reports = std::vector<backup::PruneReport>;
    return read_record<Reports>(state_directory / file_name).value_or(Reports{});
}

}  // namespace mastobak::daemon
