// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "core/text.hpp"

namespace mastobak::config {
namespace {

using std::chrono::seconds;

// Ten years are more than any setting needs, and far below the limit of nanoseconds in 64 bits (292
// years).
constexpr seconds longest = std::chrono::hours(24 * 3650);

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void skip_spaces(std::string_view& text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
}

/// Removes a whole number from the beginning of a text, and returns it.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t value = 0;
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

/// Removes a unit of time from the beginning of a text, and returns it.
std::optional<seconds> take_unit(std::string_view& text) {
    static constexpr std::array<std::pair<std::string_view, seconds>, 8> units{{
        {"s", seconds(1)},
        {"sec", seconds(1)},
        {"min", std::chrono::minutes(1)},
        {"m", std::chrono::minutes(1)},
        {"h", std::chrono::hours(1)},
        {"hours", std::chrono::hours(1)},
        {"d", std::chrono::hours(24)},
        {"days", std::chrono::hours(24)},
    }};
    std::size_t length = 0;
    while (length < text.size() && text[length] >= 'a' && text[length] <= 'z') ++length;
    const auto word = text.substr(0, length);
    for (const auto& [name, unit] : units) {
        if (word != name) continue;
        text.remove_prefix(length);
        return unit;
    }
    return std::nullopt;
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<seconds> parse_duration(std::string_view text) {
    if (text == "0") return seconds(0);
    if (text.empty()) return std::nullopt;
    seconds sum{0};
    while (!text.empty()) {
        const auto number = take_number(text);
        skip_spaces(text);
        const auto unit = take_unit(text);
        if (!number || !unit || *number > longest / *unit) return std::nullopt;
        sum += *unit * *number;
        if (sum > longest) return std::nullopt;
        skip_spaces(text);
    }
    return sum;
}

std::optional<Bytes> parse_size(std::string_view text) {
    if (text == "0") return Bytes{};
    if (text.empty() || is_digit(text.back())) return std::nullopt;
    return parse_bytes(text);
}

std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text) {
    const auto hour = take_number(text);
    if (!hour || *hour > 23 || text.size() != 3 || text[0] != ':') return std::nullopt;
    text.remove_prefix(1);
    const auto minute = take_number(text);
    if (!minute || *minute > 59 || !text.empty()) return std::nullopt;
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

std::optional<Scalar> single_value(const YamlNode& node, const std::string& key, Reading& reading) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    const Scalar scalar{node.text, node.line, key, reading};
    if (node.kind != YamlNode::Kind::scalar)
        wrong_kind(node, key, "a single value", "", reading);
    else if (node.text.empty())
        scalar.problem("is empty", "give it a value, or remove the line to have the default");
    else if (std::any_of(node.text.begin(), node.text.end(), is_control))
        scalar.problem("has a line break or control character");
    else
        return scalar;
    return std::nullopt;
}

Reader single_value(std::function<void(const Scalar& scalar)> take) {
    return
        [take = std::move(take)](const YamlNode& node, const std::string& key, Reading& reading) {
            if (const auto scalar = single_value(node, key, reading)) take(*scalar);
        };
}

void Scalar::problem(std::string_view what, std::string hint) const {
    reading.problem(line, fmt::format("'{}' {}", key, what), std::move(hint));
}

void Scalar::wrong(std::string_view what, std::string hint) const {
    reading.problem(line, fmt::format("'{}': '{}' is not {}", key, text, what), std::move(hint));
}

void check_absolute(const Scalar& path) {
    if (path.text.starts_with('/')) return;
    path.wrong("an absolute path", path.text.starts_with('~')
                                       ? "write the whole path of the home directory: '/home/…'"
                                       : "let it begin with '/'");
}

void no_choice(const Scalar& value, const std::vector<std::string>& names) {
    const auto near = nearest(value.text, names);
    value.wrong(fmt::format("one of {}", fmt::join(names, ", ")),
                near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

Reader absolute_path(std::filesystem::path& out) {
    return single_value([&out](const Scalar& value) {
        check_absolute(value);
        out = value.text;
    });
}

Reader http_url(std::optional<http::Url>& out) {
    return single_value([&out](const Scalar& value) {
        out = http::Url::parse(value.text);
        if (!out || out->has_login())
            value.wrong("a URL like 'http://127.0.0.1:3000/health'",
                        "a URL of Mastodon itself on this host, without a user name");
    });
}

Reader secret_url(std::optional<http::Url>& out) {
    return single_value([&out](const Scalar& value) {
        out = http::Url::parse(value.text);
        if (!out)
            value.problem("is not a URL of HTTP or HTTPS",
                          "write it like 'https://hc-ping.com/UUID'; its text is not shown, "
                          "because it is a secret");
    });
}

Reader age_key(std::string& out) {
    return single_value([&out](const Scalar& key) {
        if (key.text.find("AGE-SECRET-KEY-") != std::string::npos)
            return key.problem(
                "is a private key, but has to be a public one",
                "the public key is printed by `age-keygen -y`, and begins with 'age1'; remove the "
                "private key from this host");
        if (!key.text.starts_with("age1") && !key.text.starts_with("ssh-") &&
            !key.text.starts_with('/'))
            return key.wrong("a public key of age or ssh",
                             "it begins with 'age1' or 'ssh-ed25519', or is the absolute path of "
                             "a file of such keys");
        out = key.text;
    });
}

Reader flag(bool& out) {
    return single_value([&out](const Scalar& value) {
        out = value.text == "true" || value.text == "yes";
        if (!out && value.text != "false" && value.text != "no")
            value.wrong("true or false", "write true or false");
    });
}

Reader size(std::function<void(Bytes)> set, Bytes least) {
    return single_value([set = std::move(set), least](const Scalar& value) {
        const auto bytes = parse_size(value.text);
        if (!bytes)
            return value.wrong(
                "a size", is_number(value.text)
                              ? fmt::format("it needs a unit: '{0} MiB', '{0} GiB'", value.text)
                              : "sizes are like '512 MiB', '10 GB'");
        if (*bytes < least)
            return value.problem(
                fmt::format("is {}, but at least {} is needed", value.text, to_string(least)));
        set(*bytes);
    });
}

Reader rate(std::optional<Bytes>& out) {
    return single_value([&out](const Scalar& value) {
        std::string_view amount = value.text;
        if (amount.ends_with("/s")) amount.remove_suffix(2);
        while (amount.ends_with(' ')) amount.remove_suffix(1);
        const auto bytes = parse_size(amount);
        if (!bytes || bytes->count == 0)
            return value.wrong("a rate", "rates are like '5 MiB/s'; remove the line for no limit");
        out = bytes;
    });
}

Reader time_of_day(std::chrono::minutes& out) {
    return single_value([&out](const Scalar& value) {
        if (const auto time = parse_time_of_day(value.text))
            out = *time;
        else
            value.wrong("a time of day", value.text.starts_with("24")
                                             ? "midnight is '00:00'"
                                             : "write it as '03:00', from 00:00 to 23:59");
    });
}

Reader number(std::function<void(std::int64_t)> set, std::int64_t least, std::int64_t most) {
    return single_value([set = std::move(set), least, most](const Scalar& value) {
        const auto result = parse_number<std::int64_t>(value.text);
        if (!result || *result < least || *result > most)
            return value.wrong(fmt::format("a whole number from {} to {}", least, most), "");
        set(*result);
    });
}

Reader duration(std::function<void(std::chrono::seconds)> set, std::chrono::seconds step,
                std::chrono::seconds least, std::chrono::seconds most) {
    return single_value([=, set = std::move(set)](const Scalar& value) {
        const auto result = parse_duration(value.text);
        if (!result)
            return value.wrong("a duration",
                               is_number(value.text)
                                   ? fmt::format("it needs a unit: '{0} s', '{0} min'", value.text)
                                   : "durations are like '90 s', '5 min', '2 h', '1 h 30 min'");
        if (*result < least || *result > most)
            return value.problem(fmt::format("is {}, but has to be from {} to {}", value.text,
                                             to_text(least), to_text(most)));
        if (*result % step != std::chrono::seconds(0))
            return value.problem(
                fmt::format("is {}, but has to be a multiple of {}", value.text, to_text(step)));
        set(*result);
    });
}

Reader duration_or_never(std::optional<std::chrono::seconds>& out, std::chrono::seconds least,
                         std::chrono::seconds most) {
    return [&out, read = duration([&out](std::chrono::seconds value) { out = value; },
                                  std::chrono::seconds(1), least, most)](
               const YamlNode& node, const std::string& key, Reading& reading) {
        if (node.text == "never")
            out.reset();
        else
            read(node, key, reading);
    };
}

}  // namespace mastobak::config
