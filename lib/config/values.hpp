// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/reading.hpp"
#include "config/units_of_measure.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "http/url.hpp"

/// Readers of values, one for each kind. The variable that a reader stores to has to outlive it.
namespace mastobak::config {

/// Returns the text of a scalar that is not empty. Otherwise reports a problem and returns nullopt.
std::optional<std::string> single_value(const YamlNode& node, const std::string& key,
                                        Reading& reading);

/// Reports a wrong value as "'key': 'value' is not what".
void wrong_value(const YamlNode& node, const std::string& key, std::string_view value,
                 std::string_view what, Reading& reading, std::string hint);

/// Reports a value that does not begin with '/'.
void check_absolute(const YamlNode& node, const std::string& key, const std::string& value,
                    Reading& reading);

Reader text(std::string& out);
Reader text(std::optional<std::string>& out);
Reader absolute_path(std::filesystem::path& out);
/// Reads a URL of HTTP or HTTPS without a user name and a password.
Reader http_url(std::optional<http::Url>& out);
/// Reads a URL that is a secret: no message has its text.
Reader secret_url(std::optional<http::Url>& out);
/// Reads a public key of age or ssh, or the absolute path of a file of them. `age` itself decides
/// whether the key is valid. No message shows a private key.
Reader age_key(std::string& out);
Reader flag(bool& out);
Reader size(Bytes& out, Bytes least);
Reader size(std::optional<Bytes>& out, Bytes least);
/// Reads a rate in bytes per second, greater than 0: "5 MiB/s" or "5 MiB".
Reader rate(std::optional<Bytes>& out);
/// Reads a time of day, as the time since midnight.
Reader time_of_day(std::chrono::minutes& out);
/// Reads a list of names and patterns of units; it may be empty. check() decides whether an empty
/// list is valid.
Reader unit_patterns(std::vector<std::string>& out);
/// Reads the name of a project of Docker Compose.
Reader project_name(std::string& out);
/// Reads the name of a service of Docker Compose.
Reader service_name(std::string& out);
/// Reads a list of names and patterns of services of Docker Compose; it may be empty.
Reader service_patterns(std::vector<std::string>& out);
/// Reads a list of a program and its arguments.
Reader argv(std::vector<std::string>& out);
/// Reads a list of a program and its arguments, or one of these words.
Reader command_or(std::vector<std::string>& out, std::vector<std::string> words);
/// Reads a list of absolute paths; it may be empty.
Reader absolute_paths(std::vector<std::filesystem::path>& out);

/// Reads a whole number from least to most.
Reader number(std::function<void(std::int64_t)> set, std::int64_t least, std::int64_t most);

template <typename T>
Reader number(T& out, std::int64_t least, std::int64_t most) {
    return number([&out](std::int64_t value) { out = static_cast<T>(value); }, least, most);
}

template <typename T>
Reader number(std::optional<T>& out, std::int64_t least, std::int64_t most) {
    return number([&out](std::int64_t value) { out = static_cast<T>(value); }, least, most);
}

/// Reads a duration from least to most, in multiples of the step.
Reader duration(std::function<void(std::chrono::seconds)> set, std::chrono::seconds step,
                std::chrono::seconds least, std::chrono::seconds most);

template <typename Duration>
Reader duration(Duration& out, std::chrono::seconds least, std::chrono::seconds most) {
    return duration(
        [&out](std::chrono::seconds value) { out = std::chrono::floor<Duration>(value); },
        Duration(1), least, most);
}

/// Reads a duration, or "never" as nullopt.
Reader duration_or_never(std::optional<std::chrono::seconds>& out, std::chrono::seconds least,
                         std::chrono::seconds most);

/// Reports a value that is not one of the allowed names.
void no_choice(const YamlNode& node, const std::string& key, const std::string& value,
               const std::vector<std::string>& names, Reading& reading);

/// Reads one of several words.
template <typename Enum>
Reader choice(Enum& out, std::vector<std::pair<std::string, Enum>> choices) {
    return [&out, choices = std::move(choices)](const YamlNode& node, const std::string& key,
                                                Reading& reading) {
        const auto value = single_value(node, key, reading);
        if (!value) return;
        std::vector<std::string> names;
        for (const auto& [name, meaning] : choices) {
            names.push_back(name);
            if (*value != name) continue;
            out = meaning;
            return;
        }
        no_choice(node, key, *value, names, reading);
    };
}

}  // namespace mastobak::config
