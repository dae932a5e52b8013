// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include "config/values.hpp"
#include "core/instance.hpp"

namespace mastobak::config {
namespace {

// A careless pattern would stop more units than those of Mastodon.
void check_unit_pattern(const YamlNode& node, const std::string& key, const std::string& value,
                        Reading& reading) {
    if (value.find_first_of("*?[") == 0)
        return wrong_value(node, key, value, "a pattern that matches only Mastodon's units",
                           reading, "let it begin with a name: 'mastodon-sidekiq*.service'");
    if (value.find_first_of("/ \t") != std::string::npos)
        return wrong_value(node, key, value, "the name of a unit", reading,
                           "units have names like 'mastodon-web.service'");
    if (value.find('.') == std::string::npos && value.back() != '*')
        return wrong_value(node, key, value, "the name of a unit", reading,
                           fmt::format("did you mean '{}.service'?", value));
    const Instance any("any");
    if (::fnmatch(value.c_str(), Instance().unit().c_str(), 0) == 0 ||
        ::fnmatch(value.c_str(), any.unit().c_str(), 0) == 0)
        wrong_value(node, key, value, "a pattern that matches only Mastodon's units", reading,
                    "it matches the unit of mastobak, which would stop itself");
}

/// Source: the Compose Specification, "services"
void check_service_pattern(const YamlNode& node, const std::string& key, const std::string& value,
                           Reading& reading) {
    constexpr auto allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-*?[]";
    if (value.find_first_of("*?[") == 0)
        return wrong_value(node, key, value, "a pattern that matches only Mastodon's services",
                           reading, "let it begin with a name: 'sidekiq*'");
    if (value.find_first_not_of(allowed) != std::string::npos)
        wrong_value(node, key, value, "the name of a service", reading,
                    "services are named in docker-compose.yml: 'web', 'sidekiq'");
}

template <typename Item, typename Check>
Reader list(std::vector<Item>& out, bool may_be_empty, Check check) {
    return [&out, may_be_empty, check](const YamlNode& node, const std::string& key,
                                       Reading& reading) {
        if (node.kind != YamlNode::Kind::sequence)
            return reading.problem(
                node.line,
                fmt::format("'{}' is {}, but has to be a list", key, to_string(node.kind)),
                "write it as [one, two], or one item a line behind '- '");
        if (node.items.empty() && !may_be_empty)
            return reading.problem(node.line, fmt::format("the list '{}' is empty", key),
                                   "remove the line to have the default");
        std::vector<Item> items;
        for (const auto& item : node.items) {
            const auto value = single_value(item, key, reading);
            if (!value) continue;
            check(item, key, *value, reading);
            if (std::find(items.begin(), items.end(), Item(*value)) != items.end())
                reading.problem(item.line, fmt::format("'{}' is in '{}' twice", *value, key));
            items.emplace_back(*value);
        }
        // A list whose items are all invalid does not count as an empty list.
        if (!items.empty() || node.items.empty()) out = std::move(items);
    };
}

}  // namespace

Reader unit_patterns(std::vector<std::string>& out) {
    return list(out, true, check_unit_pattern);  // see check_units()
}

Reader service_patterns(std::vector<std::string>& out) {
    return list(out, true, check_service_pattern);  // an instance may have no streaming
}

// Source: the Compose Specification, "name"
Reader project_name(std::string& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        constexpr std::size_t longest = 100;
        constexpr auto first = "abcdefghijklmnopqrstuvwxyz0123456789";
        constexpr auto allowed = "abcdefghijklmnopqrstuvwxyz0123456789_-";
        auto value = single_value(node, key, reading);
        if (!value) return;
        if (value->find_first_of(first) != 0 || value->size() > longest ||
            value->find_first_not_of(allowed) != std::string::npos)
            return wrong_value(node, key, *value, "the name of a project", reading,
                               "'docker compose ls' lists them");
        out = std::move(*value);
    };
}

Reader service_name(std::string& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        auto value = single_value(node, key, reading);
        if (!value) return;
        if (value->find_first_of("*?[") != std::string::npos)
            return wrong_value(node, key, *value, "the name of one service", reading,
                               "a pattern may mean several");
        const auto problems = reading.problems().size();
        check_service_pattern(node, key, *value, reading);
        if (reading.problems().size() == problems) out = std::move(*value);
    };
}

Reader argv(std::vector<std::string>& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        if (node.kind != YamlNode::Kind::sequence)
            return reading.problem(
                node.line,
                fmt::format("'{}' is {}, but has to be a list", key, to_string(node.kind)),
                "write it as [/usr/bin/program, argument]; it is not passed to a shell");
        std::vector<std::string> words;
        for (const auto& item : node.items) {
            auto value = single_value(item, key, reading);
            if (!value) return;
            words.push_back(std::move(*value));
        }
        if (words.empty() || words.front().front() != '/')
            return reading.problem(node.line,
                                   fmt::format("'{}' does not begin with a program", key),
                                   "a program is named by its whole path");
        out = std::move(words);
    };
}

Reader command_or(std::vector<std::string>& out, std::vector<std::string> words) {
    return [&out, words = std::move(words), read = argv(out)](
               const YamlNode& node, const std::string& key, Reading& reading) {
        if (node.kind == YamlNode::Kind::sequence) return read(node, key, reading);
        const auto hint = fmt::format("{}, or a list: [program, argument]", fmt::join(words, ", "));
        const auto value = single_value(node, key, reading);
        if (!value) return;
        if (std::find(words.begin(), words.end(), *value) == words.end())
            return wrong_value(node, key, *value, "one of its values", reading, hint);
        out = {*value};
    };
}

Reader absolute_paths(std::vector<std::filesystem::path>& out) {
    return list(out, true, check_absolute);
}

}  // namespace mastobak::config
