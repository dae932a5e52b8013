// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "config/spelling.hpp"

namespace mastobak::config {
namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<std::string> single_value(const YamlNode& node, const std::string& key,
                                        Reading& reading) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    if (node.kind != YamlNode::Kind::scalar)
        reading.problem(node.line, fmt::format("'{}' is {}, but has to be a single value", key,
                                               to_string(node.kind)));
    else if (node.text.empty())
        reading.problem(node.line, fmt::format("'{}' is empty", key),
                        "give it a value, or remove the line to have the default");
    else if (std::any_of(node.text.begin(), node.text.end(), is_control))
        reading.problem(node.line, fmt::format("'{}' has a line break or control character", key));
    else
        return node.text;
    return std::nullopt;
}

void wrong_value(const YamlNode& node, const std::string& key, std::string_view value,
                 std::string_view what, Reading& reading, std::string hint) {
    reading.problem(node.line, fmt::format("'{}': '{}' is not {}", key, value, what),
                    std::move(hint));
}

void check_absolute(const YamlNode& node, const std::string& key, const std::string& value,
                    Reading& reading) {
    if (value.starts_with('/')) return;
    wrong_value(node, key, value, "an absolute path", reading,
                value.starts_with('~') ? "write the whole path of the home directory: '/home/…'"
                                       : "let it begin with '/'");
}

void no_choice(const YamlNode& node, const std::string& key, const std::string& value,
               const std::vector<std::string>& names, Reading& reading) {
    const auto near = nearest(value, names);
    wrong_value(node, key, value, fmt::format("one of {}", fmt::join(names, ", ")), reading,
                near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

Reader text(std::string& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        if (auto value = single_value(node, key, reading)) out = std::move(*value);
    };
}

Reader text(std::optional<std::string>& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        if (auto value = single_value(node, key, reading)) out = std::move(value);
    };
}

Reader absolute_path(std::filesystem::path& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        const auto value = single_value(node, key, reading);
        if (!value) return;
        check_absolute(node, key, *value, reading);
        out = *value;
    };
}

Reader http_url(std::optional<http::Url>& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        const auto value = single_value(node, key, reading);
        if (!value) return;
        out = http::Url::parse(*value);
        if (out && !out->has_login()) return;
        wrong_value(node, key, *value, "a URL like 'http://127.0.0.1:3000/health'", reading,
                    "a URL of Mastodon itself on this host, without a user name");
    };
}

Reader secret_url(std::optional<http::Url>& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        const auto value = single_value(node, key, reading);
        if (!value) return;
        out = http::Url::parse(*value);
        if (!out)
            reading.problem(node.line, fmt::format("'{}' is not a URL of HTTP or HTTPS", key),
                            "write it like 'https://hc-ping.com/UUID'; its text is not shown, "
                            "because it is a secret");
    };
}

Reader age_key(std::string& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        auto value = single_value(node, key, reading);
        if (!value) return;
        if (value->find("AGE-SECRET-KEY-") != std::string::npos)
            return reading.problem(
                node.line, fmt::format("'{}' is a private key, but has to be a public one", key),
                "the public key is printed by `age-keygen -y`, and begins with 'age1'; remove the "
                "private key from this host");
        if (!value->starts_with("age1") && !value->starts_with("ssh-") && !value->starts_with('/'))
            return wrong_value(node, key, *value, "a public key of age or ssh", reading,
                               "it begins with 'age1' or 'ssh-ed25519', or is the absolute path of "
                               "a file of such keys");
        out = std::move(*value);
    };
}

Reader flag(bool& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        const auto value = single_value(node, key, reading);
        if (!value) return;
        out = *value == "true" || *value == "yes";
        if (!out && *value != "false" && *value != "no")
            wrong_value(node, key, *value, "true or false", reading, "write true or false");
    };
}

namespace {

Reader size_into(std::function<void(Bytes)> set, Bytes least) {
    return [set = std::move(set), least](const YamlNode& node, const std::string& key,
                                         Reading& reading) {
        const auto value = single_value(node, key, reading);
        if (!value) return;
        const auto bytes = parse_size(*value);
        if (!bytes)
            return wrong_value(
                node, key, *value, "a size", reading,
                is_number(*value)
                    ? fmt::format("it needs a unit: '{} MiB', '{} GiB'", *value, *value)
                    : "sizes are like '512 MiB', '10 GB'");
        if (*bytes < least)
            return reading.problem(node.line, fmt::format("'{}' is {}, but at least {} is needed",
                                                          key, *value, to_string(least)));
        set(*bytes);
    };
}

}  // namespace

Reader size(Bytes& out, Bytes least) {
    return size_into([&out](Bytes bytes) { out = bytes; }, least);
}

Reader size(std::optional<Bytes>& out, Bytes least) {
    return size_into([&out](Bytes bytes) { out = bytes; }, least);
}

Reader rate(std::optional<Bytes>& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        const auto value = single_value(node, key, reading);
        if (!value) return;
        std::string_view amount = *value;
        if (amount.ends_with("/s")) amount.remove_suffix(2);
        while (amount.ends_with(' ')) amount.remove_suffix(1);
        const auto bytes = parse_size(amount);
        if (!bytes || bytes->count == 0)
            return wrong_value(node, key, *value, "a rate", reading,
                               "rates are like '5 MiB/s'; remove the line for no limit");
        out = bytes;
    };
}

Reader time_of_day(std::chrono::minutes& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        const auto value = single_value(node, key, reading);
        if (!value) return;
        if (const auto time = parse_time_of_day(*value))
            out = *time;
        else
            wrong_value(node, key, *value, "a time of day", reading,
                        value->starts_with("24") ? "midnight is '00:00'"
                                                 : "write it as '03:00', from 00:00 to 23:59");
    };
}

Reader number(std::function<void(std::int64_t)> set, std::int64_t least, std::int64_t most) {
    return [set = std::move(set), least, most](const YamlNode& node, const std::string& key,
                                               Reading& reading) {
        const auto value = single_value(node, key, reading);
        if (!value) return;
        std::int64_t result = 0;
        const auto* const last = value->data() + value->size();
        const auto [end, error] = std::from_chars(value->data(), last, result);
        if (error != std::errc{} || end != last || result < least || result > most)
            return wrong_value(node, key, *value,
                               fmt::format("a whole number from {} to {}", least, most), reading,
                               "");
        set(result);
    };
}

Reader duration(std::function<void(std::chrono::seconds)> set, std::chrono::seconds step,
                std::chrono::seconds least, std::chrono::seconds most) {
    return [=, set = std::move(set)](const YamlNode& node, const std::string& key,
                                     Reading& reading) {
        const auto value = single_value(node, key, reading);
        if (!value) return;
        const auto result = parse_duration(*value);
        if (!result)
            return wrong_value(
                node, key, *value, "a duration", reading,
                is_number(*value) ? fmt::format("it needs a unit: '{} s', '{} min'", *value, *value)
                                  : "durations are like '90 s', '5 min', '2 h', '1 h 30 min'");
        if (*result < least || *result > most)
            return reading.problem(
                node.line, fmt::format("'{}' is {}, but has to be from {} to {}", key, *value,
                                       to_text(least), to_text(most)));
        if (*result % step != std::chrono::seconds(0))
            return reading.problem(
                node.line, fmt::format("'{}' is {}, but has to be a multiple of {}", key, *value,
                                       to_text(step)));
        set(*result);
    };
}

Reader duration_or_never(std::optional<std::chrono::seconds>& out, std::chrono::seconds least,
                         std::chrono::seconds most) {
    auto read = duration([&out](std::chrono::seconds value) { out = value; },
                         std::chrono::seconds(1), least, most);
    return [&out, read = std::move(read)](const YamlNode& node, const std::string& key,
                                          Reading& reading) {
        const auto value = single_value(node, key, reading);
        if (!value) return;
        if (*value == "never")
            out.reset();
        else
            read(node, key, reading);
    };
}

}  // namespace mastobak::config
