// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/logging.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <deque>
#include <mutex>
#include <string_view>

#include "core/readable.hpp"

namespace mastobak::daemon {
namespace {

/// "%*": the priority, in the form that the journal parses.
class Priority final : public spdlog::custom_flag_formatter {
 public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& out) override {
        const std::string_view text = prefix(message.level);
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<Priority>();
    }

 private:
    static std::string_view prefix(spdlog::level::level_enum level) {
        switch (level) {
            case spdlog::level::critical:
                return "<2>";
            case spdlog::level::err:
                return "<3>";
            case spdlog::level::warn:
                return "<4>";
            case spdlog::level::info:
                return "<6>";
            default:
                return "<7>";
        }
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

}  // namespace

std::shared_ptr<LastLines> remember_lines(spdlog::logger& log) {
    auto lines = std::make_shared<LastLinesSink>();
    log.sinks().push_back(lines);
    return lines;
}

std::string quoted_value(std::string_view text) {
    std::string value = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') value += '\\';
        value += c;
    }
    return value + '"';
}

std::shared_ptr<spdlog::logger> make_logger(bool verbose) {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
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
