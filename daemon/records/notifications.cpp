// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/notifications.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "core/error.hpp"
#include "core/process/accounts.hpp"
#include "core/text.hpp"

namespace mastobak::daemon {
namespace {

using notify::Message;
using notify::NotifyEvent;

constexpr std::size_t longest_subject = 180;

std::string more(const Instance& instance) {
    return fmt::format("\nmore: {} status; journalctl -u {}\n", instance.command(),
                       instance.daemon());
}

Message new_message(NotifyEvent event, Timestamp at, const std::string& what,
                    const Instance& instance) {
    Message message;
    message.event = event;
    message.at = at;
    message.host = readable(host_name());
    message.subject = notify::shortened(
        readable(fmt::format("{} on {}: {}", instance.daemon(), message.host, what)),
        longest_subject);
    return message;
}

std::string line(const std::string& text) {
    return readable(text) + "\n";
}

/// Returns what `mastobak run` would exit with.
int exit_status_of(const RunRecord& record) {
    return record.ok() ? 0 : exit_status(parse_errc(record.error_code));
}

}  // namespace

Message message_of_start(const RunRecord& record, const Instance& instance) {
    auto message = new_message(NotifyEvent::start, record.started_at,
                               fmt::format("run {} has started", record.id), instance);
    message.run = record.id;
    return message;
}

Message message_of_end(const RunRecord& record, std::string log, const Instance& instance) {
    const auto ended = record.finished_at.value_or(record.started_at);
    const bool warned = !record.warnings.empty();
    const auto event = !record.ok() ? NotifyEvent::failure
                       : warned     ? NotifyEvent::warnings
                                    : NotifyEvent::success;
    const auto what =
        !record.ok() ? fmt::format("backup FAILED: {}", record.error)
                     : fmt::format("set {} is made{}", record.set.value_or("?"),
                                   warned ? ", with " + counted(record.warnings.size(), "warning")
                                          : std::string());
    auto message = new_message(event, ended, what, instance);
    message.good = record.ok();
    message.run = record.id;
    message.exit_status = exit_status_of(record);
    message.took = std::chrono::duration_cast<std::chrono::milliseconds>(ended - record.started_at);
    message.log = std::move(log);
    message.body += line(fmt::format("run {}, started by {}, took {}", record.id, record.by,
                                     to_text(ended - record.started_at)));
    if (record.ok()) {
        message.body +=
            line(fmt::format("{} new data, {}", to_string(record.size), downtime_text(record)));
        message.facts["SET"] = *record.set;
    } else {
        message.body += line("error: " + record.error);
        if (!record.hint.empty()) message.body += line("hint: " + record.hint);
        message.facts["ERROR"] = record.error;
        message.facts["ERROR_CODE"] = record.error_code;
        message.facts["HINT"] = record.hint;
    }
    for (const auto& warning : record.warnings) message.body += line("warning: " + warning);
    for (const auto& unit : record.down)
        message.body += line(fmt::format("'{}' was stopped and does not start again", unit));
    message.body += more(instance);
    return message;
}

Message message_of(const DrillRecord& record, Timestamp now, const Instance& instance) {
    const auto what = record.proven() ? fmt::format("a drill has proven set {}", record.report.set)
                      : record.made() ? fmt::format("drill FAILED for set {}", record.report.set)
                                      : fmt::format("drill not possible: {}", record.error);
    auto message = new_message(NotifyEvent::drill, now, what, instance);
    message.good = record.proven();
    message.facts["SET"] = record.report.set;
    if (record.made())
        message.body += line(text_of(record));
    else
        message.body += line("error: " + record.error);
    if (!record.error.empty()) {
        message.facts["ERROR"] = record.error;
        message.facts["ERROR_CODE"] = record.error_code;
        if (!record.hint.empty()) message.body += line("hint: " + record.hint);
    }
    message.body += more(instance);
    return message;
}

Message message_of(const notify::HealthNews& news, const Health& health, const History& history,
                   Timestamp now, const Instance& instance) {
    static constexpr std::array verdicts{"healthy", "failed", "stale", "no_daemon"};
    const bool good = news.event == NotifyEvent::recovery;
    const auto what = good ? std::string("healthy again")
                           : fmt::format("{}: {}", news.reminder ? "still UNHEALTHY" : "UNHEALTHY",
                                         news.reasons.empty() ? "" : news.reasons.front().text);
    auto message = new_message(news.event, now, what, instance);
    message.good = good;
    message.facts["VERDICT"] = verdicts.at(static_cast<std::size_t>(health.verdict));
    for (const auto& reason : news.reasons) message.body += line("- " + reason.text);
    if (const auto& last = history.last_run; !good && last && !last->hint.empty())
        message.body += line("hint for the last run: " + last->hint);
    if (const auto& set = history.last_success) {
        message.body += line(fmt::format("last set: {}, {} ago", set->set.value_or("?"),
                                         to_text(now - set->started_at)));
        message.facts["SET"] = set->set.value_or("");
    }
    message.body += more(instance);
    return message;
}

std::vector<notify::Reason> reasons_of(const Health& health, const History& history,
                                       const config::Alerts& alerts, Timestamp now) {
    std::vector<notify::Reason> reasons;
    for (std::size_t n = 0; n < health.reasons.size() && n < health.causes.size(); ++n) {
        const bool late = now - history.known_since >= alerts.stale_after;
        if (health.causes[n] == "no-set" && !late) continue;
        reasons.push_back({health.causes[n], health.reasons[n]});
    }
    return reasons;
}

std::vector<Message> test_messages(const notify::NotifyTarget& target, Timestamp now,
                                   const Instance& instance) {
    using enum NotifyEvent;
    std::vector<Message> messages;
    for (const auto event : {start, failure, unhealthy, drill, recovery, warnings, success}) {
        if (!notify::wants(target, event)) continue;
        auto message = new_message(event, now,
                                   fmt::format("TEST of '{}'", notify::to_string(event)), instance);
        message.good = event != failure && event != unhealthy;
        message.body = fmt::format("This is a test message: `{} notify --test` has sent it.\n",
                                   instance.command());
        if (event == start || event == failure || event == warnings || event == success)
            message.run = "test-" + to_set_name(now);
        if (event == failure) message.exit_status = exit_status(Errc::internal);
        messages.push_back(std::move(message));
    }
    return messages;
}

}  // namespace mastobak::daemon
