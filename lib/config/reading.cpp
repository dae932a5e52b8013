// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/reading.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"

namespace mastobak::config {
namespace {

std::string unknown_key_hint(const std::string& name, const std::vector<Key>& keys) {
    std::vector<std::string> names;
    for (const auto& key : keys) names.push_back(key.name);
    const auto near = nearest(name, names);
    if (!near.empty()) return fmt::format("did you mean '{}'?", near);
    for (const auto& key : keys)
        for (const auto& below : key.section)
            if (below.name == name) return fmt::format("it belongs below '{}:'", key.name);
    return fmt::format("known here: {}", fmt::join(names, ", "));
}

void read_value(const Key& key, const YamlNode& node, const std::string& name, Reading& reading) {
    const bool null = node.kind == YamlNode::Kind::null;
    if (!key.section.empty() && (null || node.kind == YamlNode::Kind::mapping)) {
        // A section is empty when all its keys are commented out; it has the defaults then.
        if (!null) read_mapping(node, name + ".", key.section, reading);
    } else if (!key.read) {
        wrong_kind(node, name, "a mapping",
                   fmt::format("write its keys below '{}:', indented", key.name), reading);
    } else if (null) {
        reading.problem(node.line, fmt::format("'{}' has no value", name),
                        "give it one, or remove the line to have the default");
    } else {
        key.read(node, name, reading);
    }
}

}  // namespace

void Reading::problem(int line, std::string text, std::string hint) {
    problems_.push_back({file_, line, std::move(text), std::move(hint)});
}

void Reading::problem_at(const std::string& key, std::string text, std::string hint) {
    const auto found = lines_.find(key);
    problem(found == lines_.end() ? 0 : found->second, std::move(text), std::move(hint));
}

void wrong_kind(const YamlNode& node, const std::string& key, std::string_view wanted,
                std::string hint, Reading& reading) {
    reading.problem(node.line,
                    fmt::format("'{}' is {}, but has to be {}", key, to_string(node.kind), wanted),
                    std::move(hint));
}

void read_mapping(const YamlNode& node, const std::string& prefix, const std::vector<Key>& keys,
                  Reading& reading) {
    for (const auto& member : node.members) {
        const auto name = prefix + member.key;
        const auto key = std::find_if(keys.begin(), keys.end(),
                                      [&](const Key& k) { return k.name == member.key; });
        reading.note(name, member.line);
        if (key == keys.end())
            reading.problem(member.line, fmt::format("unknown key '{}'", name),
                            unknown_key_hint(member.key, keys));
        else
            read_value(*key, member.value, name, reading);
    }
}

}  // namespace mastobak::config
