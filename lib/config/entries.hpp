// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "config/reading.hpp"

/// Readers for lists of mappings that have a name and a type: `offsite:` and `notify:`.
namespace mastobak::config {

/// A key in an entry of a list.
template <typename Type>
struct TypedKey {
    Key key;
    std::vector<Type> types;  ///< types of entries that have the key; empty: all types
};

/// Return the keys in an entry of `offsite:` and of `notify:`.
std::vector<TypedKey<RemoteType>> keys_of(Remote& remote);
std::vector<TypedKey<NotifyType>> keys_of(NotifyTarget& target);

/// Returns a reader for the list `offsite:`. It checks that names are unique, and that each entry
/// has only keys of its type.
Reader remotes(std::vector<Remote>& out);
/// Does the same for the list `notify:`.
Reader notify_targets(std::vector<NotifyTarget>& out);

/// Returns whether a name can be part of the name of a file.
bool is_file_name(const std::string& name);

/// Returns "rclone and rsync".
template <typename Type>
std::string names_of(const std::vector<std::string>& all, const std::vector<Type>& wanted) {
    std::vector<std::string> names;
    for (const auto type : wanted) names.push_back(all.at(static_cast<std::size_t>(type)));
    return fmt::format("{}", fmt::join(names, " and "));
}

/// Reads one entry. keys_of(entry) has the keys, and `entry.type` its type.
/// \param types  names of the types, in the order of their values
/// \param needed keys that every entry has
template <typename Entry>
void read_entry(Entry& entry, const YamlNode& node, const std::string& prefix,
                const std::vector<std::string>& types, const std::vector<std::string>& needed,
                Reading& reading) {
    const auto keys = keys_of(entry);
    std::vector<Key> plain;
    for (const auto& [key, only_for] : keys) plain.push_back(key);
    const auto before = reading.problems().size();
    read_mapping(node, prefix, plain, reading);
    // With an invalid type, the keys that belong to it are unknown.
    const bool type_known = node.find("type") != nullptr && reading.problems().size() == before;
    const auto list = prefix.substr(0, prefix.find('['));
    for (const auto& [key, only_for] : keys)
        if (type_known && node.find(key.name) != nullptr && !only_for.empty() &&
            std::find(only_for.begin(), only_for.end(), entry.type) == only_for.end())
            reading.problem_at(
                prefix + key.name,
                fmt::format("'{}{}' does not belong to an entry of this type", prefix, key.name),
                fmt::format("it is for type {} only", names_of(types, only_for)));
    for (const auto& key : needed)
        if (node.find(key) == nullptr)
            reading.problem(
                node.line, fmt::format("'{}{}' is missing", prefix, key),
                fmt::format("every entry of '{}' has: {}", list, fmt::join(needed, ", ")));
    if (!entry.name.empty() && !is_file_name(entry.name))
        reading.problem_at(prefix + "name",
                           fmt::format("'{}name': '{}' is not a name", prefix, entry.name),
                           "letters, digits, '-', '_' and '.', at most 64");
}

/// Returns a reader for such a list. It checks that names are unique.
/// \param read       reads one entry
/// \param why_unique the hint for a name that occurs twice
template <typename Entry>
Reader entries(std::vector<Entry>& out,
               Entry (*read)(const YamlNode& node, const std::string& prefix, Reading& reading),
               const char* why_unique) {
    return [&out, read, why_unique](const YamlNode& node, const std::string& key,
                                    Reading& reading) {
        if (node.kind != YamlNode::Kind::sequence)
            return wrong_kind(node, key, "a list", "begin each entry with '- name: …'", reading);
        out.clear();
        for (const auto& item : node.items) {
            const auto prefix = fmt::format("{}[{}].", key, out.size());
            if (item.kind != YamlNode::Kind::mapping) {
                reading.problem(item.line,
                                fmt::format("an entry of '{}' is {}, but has to be a mapping", key,
                                            to_string(item.kind)),
                                "begin each entry with '- name: …'");
                continue;
            }
            auto entry = read(item, prefix, reading);
            if (std::any_of(out.begin(), out.end(), [&](const Entry& other) {
                    return !entry.name.empty() && other.name == entry.name;
                }))
                reading.problem_at(
                    prefix + "name",
                    fmt::format("two entries of '{}' are called '{}'", key, entry.name),
                    why_unique);
            out.push_back(std::move(entry));
        }
    };
}

}  // namespace mastobak::config
