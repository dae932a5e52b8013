// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace mastobak::daemon {

/// A sink of the logger that remembers the last lines, made readable().
class LastLines final : public spdlog::sinks::base_sink<std::mutex> {
 public:
    /// Returns the remembered lines that contain a text, each with its line feed.
    std::string with(std::string_view part);

 private:
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override {}

    std::deque<std::string> lines_;
};

}  // namespace mastobak::daemon
