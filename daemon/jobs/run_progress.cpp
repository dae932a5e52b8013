// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/run_progress.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <utility>

#include "daemon/logging.hpp"

namespace mastobak::daemon {
namespace {

spdlog::level::level_enum level_of(backup::Severity severity) {
    using namespace spdlog;
    constexpr std::array levels{level::debug, level::info, level::warn, level::err,
                                level::critical};
    return levels.at(static_cast<std::size_t>(severity));
}

}  // namespace

RunProgress::RunProgress(std::shared_ptr<spdlog::logger> log, std::string id, Timestamp started_at,
                         OnStep on_step, Acknowledged acknowledged)
    : log_(std::move(log)), on_step_(std::move(on_step)), acknowledged_(std::move(acknowledged)) {
    state_.id = std::move(id);
    state_.started_at = started_at;
}

void RunProgress::step(std::string_view name) {
    {
        const std::lock_guard lock(mutex_);
        state_.step = name;
        state_.fraction = -1;
        state_.detail.clear();
        state_.left.reset();
        time_left_ = {};
    }
    log_->debug("run={} step={}", state_.id, name);
    if (on_step_) on_step_(std::string(name));
}

void RunProgress::progress(double fraction, std::string_view detail) {
    const std::lock_guard lock(mutex_);
    state_.fraction = fraction;
    state_.detail = detail;
    state_.left = time_left_.after(fraction, std::chrono::steady_clock::now());
}

void RunProgress::message(backup::Severity severity, std::string_view text) {
    const bool known =
        severity == backup::Severity::warning && acknowledged_.has(std::string(text), {});
    const bool down = severity == backup::Severity::critical;
    const WithFields fields({.run = state_.id, .event = down ? events::units_down : MessageId{}});
    log_->log(known ? spdlog::level::debug : level_of(severity), "run={} {}", state_.id, text);
}

RunningState RunProgress::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

}  // namespace mastobak::daemon
