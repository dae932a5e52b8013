// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/reading.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "http/url.hpp"

/// Readers of values, one for each kind. The variable that a reader stores to has to outlive it.
namespace mastobak::config {

/// Parses a duration: "90 s", "5 min", "2 h", "1 d", "1 h 30 min" or "0". Each whole number has a
/// unit.
/// \return nullopt for any other text, also for a number without a unit and for more than 10 years
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// Parses a size as mastobak::parse_bytes does, but a number has to have a unit: "512 MiB", "10 GB"
/// or "0".
/// \return nullopt for any other text
std::optional<Bytes> parse_size(std::string_view text);

/// Parses a time of day from "00:00" to "23:59"; the hour may have one digit.
/// \return the time since midnight; nullopt for any other text
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text);

/// A single value that is not empty.
struct Scalar {
    const std::string& text;
    int line;
    const std::string& key;  ///< in messages
    Reading& reading;

    /// Reports a problem as "'key' what".
    void problem(std::string_view what, std::string hint = {}) const;
    /// Reports a wrong value as "'key': 'text' is not what".
    void wrong(std::string_view what, std::string hint) const;
};

/// Returns the scalar, unless it is empty. Otherwise reports a problem and returns nullopt.
std::optional<Scalar> single_value(const YamlNode& node, const std::string& key, Reading& reading);

/// Returns a reader of such a scalar.
Reader single_value(std::function<void(const Scalar& scalar)> take);

/// Reports a value that does not begin with '/'.
void check_absolute(const Scalar& path);

/// \tparam Text std::string, or an optional one
template <typename Text>
Reader text(Text& out) {
    return single_value([&out](const Scalar& value) { out = value.text; });
}

Reader absolute_path(std::filesystem::path& out);
/// Reads a URL of HTTP or HTTPS without a user name and a password.
Reader http_url(std::optional<http::Url>& out);
/// Reads a URL that is a secret: no message has its text.
Reader secret_url(std::optional<http::Url>& out);
/// Reads a public key of age or ssh, or the absolute path of a file of them. `age` itself decides
/// whether the key is valid. No message shows a private key.
Reader age_key(std::string& out);
Reader flag(bool& out);
Reader size(std::function<void(Bytes)> set, Bytes least);

/// \tparam Size Bytes, or optional ones
template <typename Size>
Reader size(Size& out, Bytes least) {
    return size([&out](Bytes bytes) { out = bytes; }, least);
}

/// Reads a rate in bytes per second, greater than 0: "5 MiB/s" or "5 MiB".
Reader rate(std::optional<Bytes>& out);
/// Reads a time of day, as the time since midnight.
Reader time_of_day(std::chrono::minutes& out);

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
void no_choice(const Scalar& value, const std::vector<std::string>& names);

/// Reads one of several words.
/// \param names of the values, in their order
template <typename Enum>
Reader choice(Enum& out, std::vector<std::string> names) {
    return single_value([&out, names = std::move(names)](const Scalar& value) {
        const auto found = std::find(names.begin(), names.end(), value.text);
        if (found == names.end()) return no_choice(value, names);
        out = static_cast<Enum>(found - names.begin());
    });
}

}  // namespace mastobak::config
