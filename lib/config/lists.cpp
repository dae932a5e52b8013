// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/lists.hpp"

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
void check_unit_pattern(const Scalar& pattern) {
    const auto& text = pattern.text;
    if (text.find_first_of("*?[") == 0)
        return pattern.wrong("a pattern that matches only Mastodon's units",
                             "let it begin with a name: 'mastodon-sidekiq*.service'");
    if (text.find_first_of("/ \t") != std::string::npos)
        return pattern.wrong("the name of a unit", "units have names like 'mastodon-web.service'");
    if (text.find('.') == std::string::npos && text.back() != '*')
        return pattern.wrong("the name of a unit", fmt::format("did you mean '{}.service'?", text));
    const Instance any("any");
    if (::fnmatch(text.c_str(), Instance().unit().c_str(), 0) == 0 ||
        ::fnmatch(text.c_str(), any.unit().c_str(), 0) == 0)
        pattern.wrong("a pattern that matches only Mastodon's units",
                      "it matches the unit of mastobak, which would stop itself");
}

/// Source: the Compose Specification, "services"
void check_service_pattern(const Scalar& pattern) {
    constexpr auto allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-*?[]";
    if (pattern.text.find_first_of("*?[") == 0)
        return pattern.wrong("a pattern that matches only Mastodon's services",
                             "let it begin with a name: 'sidekiq*'");
    if (pattern.text.find_first_not_of(allowed) != std::string::npos)
        pattern.wrong("the name of a service",
                      "services are named in docker-compose.yml: 'web', 'sidekiq'");
}

template <typename Item, typename Check>
Reader list(std::vector<Item>& out, bool may_be_empty, Check check) {
    return [&out, may_be_empty, check](const YamlNode& node, const std::string& key,
                                       Reading& reading) {
        if (node.kind != YamlNode::Kind::sequence)
            return wrong_kind(node, key, "a list",
                              "write it as [one, two], or one item a line behind '- '", reading);
        if (node.items.empty() && !may_be_empty)
            return reading.problem(node.line, fmt::format("the list '{}' is empty", key),
                                   "remove the line to have the default");
        std::vector<Item> items;
        for (const auto& item : node.items) {
            const auto value = single_value(item, key, reading);
            if (!value) continue;
            check(*value);
            if (std::find(items.begin(), items.end(), Item(item.text)) != items.end())
                reading.problem(item.line, fmt::format("'{}' is in '{}' twice", item.text, key));
            items.emplace_back(item.text);
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
    return single_value([&out](const Scalar& name) {
        constexpr std::size_t longest = 100;
        constexpr auto first = "abcdefghijklmnopqrstuvwxyz0123456789";
        constexpr auto allowed = "abcdefghijklmnopqrstuvwxyz0123456789_-";
        if (name.text.find_first_of(first) != 0 || name.text.size() > longest ||
            name.text.find_first_not_of(allowed) != std::string::npos)
            return name.wrong("the name of a project", "'docker compose ls' lists them");
        out = name.text;
    });
}

Reader service_name(std::string& out) {
    return single_value([&out](const Scalar& name) {
        if (name.text.find_first_of("*?[") != std::string::npos)
            return name.wrong("the name of one service", "a pattern may mean several");
        const auto problems = name.reading.problems().size();
        check_service_pattern(name);
        if (name.reading.problems().size() == problems) out = name.text;
    });
}

Reader argv(std::vector<std::string>& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        if (node.kind != YamlNode::Kind::sequence)
            return wrong_kind(
                node, key, "a list",
                "write it as [/usr/bin/program, argument]; it is not passed to a shell", reading);
        std::vector<std::string> words;
        for (const auto& item : node.items) {
            if (!single_value(item, key, reading)) return;
            words.push_back(item.text);
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
        const auto value = single_value(node, key, reading);
        if (!value) return;
        if (std::find(words.begin(), words.end(), node.text) == words.end())
            return value->wrong(
                "one of its values",
                fmt::format("{}, or a list: [program, argument]", fmt::join(words, ", ")));
        out = {node.text};
    };
}

Reader absolute_paths(std::vector<std::filesystem::path>& out) {
    return list(out, true, check_absolute);
}

}  // namespace mastobak::config
