// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/logging.hpp"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string_view>
#include <utility>

#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "units/journal.hpp"

namespace mastobak::daemon {
namespace {

/// Returns the priority of an entry of the journal.
int priority_of(spdlog::level::level_enum level) {
    constexpr std::array priorities{7, 7, 6, 4, 3, 2, 7};  // from "trace" to "off"
    return priorities.at(static_cast<std::size_t>(level));
}

/// "%*": the priority, in the form that the journal parses.
class Priority final : public spdlog::custom_flag_formatter {
 public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& out) override {
        const auto text = fmt::format("<{}>", priority_of(message.level));
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<Priority>();
    }
};

/// "%~": the message, made safe, because it may contain untrusted names and texts.
class HarmlessLine final : public spdlog::custom_flag_formatter {
 public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& out) override {
        const auto text = readable({message.payload.data(), message.payload.size()});
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<HarmlessLine>();
    }
};

constexpr std::size_t most_lines = 200;

class LastLinesSink final : public spdlog::sinks::base_sink<std::mutex>, public LastLines {
 public:
    std::string with(std::string_view part) override {
        const std::lock_guard lock(mutex_);
        std::string text;
        for (const auto& line : lines_)
            if (line.find(part) != line.npos) text += line + "\n";
        return text;
    }

 private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        if (message.level < spdlog::level::info) return;
        lines_.push_back(readable({message.payload.data(), message.payload.size()}));
        if (lines_.size() > most_lines) lines_.pop_front();
    }
    void flush_() override {}

    std::deque<std::string> lines_;
};

thread_local LogFields current_fields;

/// Sends entries with fields to the journal; to standard error if journald does not accept one.
class JournalSink final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const auto priority = priority_of(message.level);
        const std::string_view text(message.payload.data(), message.payload.size());
        if (units::send_to_journal(journal_entry(text, priority))) return;
        write_error(fmt::format("<{}>{}\n", priority, readable(text)));
    }
    void flush_() override {}
};

}  // namespace

std::shared_ptr<LastLines> remember_lines(spdlog::logger& log) {
    auto lines = std::make_shared<LastLinesSink>();
    log.sinks().push_back(lines);
    return lines;
}

WithFields::WithFields(LogFields fields)
    : before_(std::exchange(current_fields, std::move(fields))) {}

WithFields::~WithFields() {
    current_fields = std::move(before_);
}

std::vector<std::string> journal_entry(std::string_view message, int priority) {
    std::vector<std::string> entry{"MESSAGE=" + readable(message),
                                   fmt::format("PRIORITY={}", priority),
                                   "SYSLOG_IDENTIFIER=mastobak"};
    const auto add = [&](const char* name, std::string_view value) {
        if (!value.empty()) entry.push_back(name + readable(value));
    };
    add("MASTOBAK_RUN=", current_fields.run);
    add("MASTOBAK_SET=", current_fields.set);
    add("MASTOBAK_REMOTE=", current_fields.remote);
    add("MASTOBAK_EVENT=", current_fields.event.event);
    add("MESSAGE_ID=", current_fields.event.id);
    return entry;
}

std::string quoted_value(std::string_view text) {
    std::string value = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') value += '\\';
        value += c;
    }
    return value + '"';
}

std::shared_ptr<spdlog::logger> make_logger(bool verbose, LogTo to) {
    std::shared_ptr<spdlog::sinks::sink> sink;
    if (to == LogTo::journal && units::is_stderr_journal())
        sink = std::make_shared<JournalSink>();
    else
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
    formatter->add_flag<Priority>('*').add_flag<HarmlessLine>('~').set_pattern(
        journal ? "%*%~" : "%H:%M:%S %l: %~");
    sink->set_formatter(std::move(formatter));
    auto logger = std::make_shared<spdlog::logger>("mastobak", std::move(sink));
    logger->set_level(verbose ? spdlog::level::debug : spdlog::level::info);
    logger->flush_on(spdlog::level::trace);
    return logger;
}

}  // namespace mastobak::daemon
