// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/keys.hpp"
#include "config/values.hpp"

namespace mastobak::config {
namespace {

const std::vector<std::pair<std::string, RemoteType>>& types() {
    static const std::vector<std::pair<std::string, RemoteType>> all{
        {"rclone", RemoteType::rclone},
        {"rsync", RemoteType::rsync},
        {"directory", RemoteType::directory}};
    return all;
}

std::string names_of(const std::vector<RemoteType>& wanted) {
    std::vector<std::string> names;
    for (const auto& [name, type] : types())
        if (std::find(wanted.begin(), wanted.end(), type) != wanted.end()) names.push_back(name);
    return fmt::format("{}", fmt::join(names, " and "));
}

// The name becomes part of the names of files in the state directory.
bool is_file_name(const std::string& name) {
    return name.size() <= 64 && name.front() != '.' && name.front() != '-' &&
           name.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               std::string::npos;
}

/// Returns what a target of this type has to look like; empty if the target is valid.
std::string target_hint(RemoteType type, const std::string& target) {
    switch (type) {
        case RemoteType::rclone:
            if (target.find(':') == std::string::npos)
                return "rclone's targets are 'remote:path'; `rclone listremotes` names the remotes";
            break;
        case RemoteType::rsync:
            if (target.starts_with("rsync://") ||
                (target.find("::") != std::string::npos && target.find('[') == std::string::npos))
                return "mastobak uses rsync over ssh: 'user@host:/path'";
            if (target.find(':') == std::string::npos)
                return "rsync's targets are 'user@host:/path'; for a mounted disk use type: "
                       "directory";
            break;
        case RemoteType::directory:
            if (!target.starts_with('/')) return "let it begin with '/'";
            break;
    }
    // rclone and rsync would read it as an option.
    return target.starts_with('-') ? "it must not begin with '-'" : "";
}

void check_remote(const Node& node, const std::string& prefix, const Remote& remote,
                  Reading& reading) {
    for (const auto* needed : {"name", "type", "target"})
        if (node.find(needed) == nullptr)
            reading.problem(node.line, fmt::format("'{}{}' is missing", prefix, needed),
                            "every entry of 'offsite' has a name, a type and a target");
    if (!remote.name.empty() && !is_file_name(remote.name))
        reading.problem_at(prefix + "name",
                           fmt::format("'{}name': '{}' is not a name", prefix, remote.name),
                           "letters, digits, '-', '_' and '.', at most 64");
    if (node.find("type") == nullptr || remote.target.empty()) return;
    if (auto hint = target_hint(remote.type, remote.target); !hint.empty())
        reading.problem_at(
            prefix + "target",
            fmt::format("'{}target': '{}' is not a target of that type", prefix, remote.target),
            std::move(hint));
}

Remote read_remote(const Node& node, const std::string& prefix, Reading& reading) {
    Remote remote;
    const auto keys = keys_of(remote);
    std::vector<Key> plain;
    for (const auto& [key, only_for] : keys) plain.push_back(key);
    const auto before = reading.problems().size();
    read_mapping(node, prefix, plain, reading);
    // With an invalid type, the keys that belong to it are unknown.
    const bool type_known = node.find("type") != nullptr && reading.problems().size() == before;
    for (const auto& [key, only_for] : keys)
        if (type_known && node.find(key.name) != nullptr && !only_for.empty() &&
            std::find(only_for.begin(), only_for.end(), remote.type) == only_for.end())
            reading.problem_at(
                prefix + key.name,
                fmt::format("'{}{}' does not belong to a remote of this type", prefix, key.name),
                fmt::format("it is for type {} only", names_of(only_for)));
    check_remote(node, prefix, remote, reading);
    return remote;
}

Reader retention(std::optional<Retention>& out) {
    return [&out](const Node& node, const std::string& key, Reading& reading) {
        if (node.kind != Node::Kind::mapping)
            return reading.problem(
                node.line,
                fmt::format("'{}' is {}, but has to be a mapping", key, to_string(node.kind)),
                "its keys are those of 'retention'");
        read_mapping(node, key + ".", keys_of(out.emplace()), reading);
    };
}

}  // namespace

std::vector<RemoteKey> keys_of(Remote& r) {
    using enum RemoteType;
    return {
        {{"name", text(r.name), {}}, {}},
        {{"type", choice(r.type, types()), {}}, {}},
        {{"target", text(r.target), {}}, {}},
        {{"rclone_config", absolute_path(r.rclone_config), {}}, {rclone}},
        {{"identity_file", absolute_path(r.identity_file), {}}, {rsync}},
        {{"known_hosts", absolute_path(r.known_hosts), {}}, {rsync}},
        {{"port", number(r.port, 1, 65535), {}}, {rsync}},
        {{"bandwidth", rate(r.bandwidth), {}}, {rclone, rsync}},
        {{"plain", flag(r.plain), {}}, {}},
        {{"mounted", flag(r.mounted), {}}, {directory}},
        {{"retention", retention(r.retention), {}}, {}},
    };
}

Reader remotes(std::vector<Remote>& out) {
    return [&out](const Node& node, const std::string& key, Reading& reading) {
        if (node.kind != Node::Kind::sequence)
            return reading.problem(
                node.line,
                fmt::format("'{}' is {}, but has to be a list", key, to_string(node.kind)),
                "begin each entry with '- name: …'");
        out.clear();
        for (const auto& item : node.items) {
            const auto prefix = fmt::format("{}[{}].", key, out.size());
            if (item.kind != Node::Kind::mapping) {
                reading.problem(item.line,
                                fmt::format("an entry of '{}' is {}, but has to be a mapping", key,
                                            to_string(item.kind)),
                                "begin each entry with '- name: …'");
                continue;
            }
            auto remote = read_remote(item, prefix, reading);
            if (std::any_of(out.begin(), out.end(), [&](const Remote& other) {
                    return !remote.name.empty() && other.name == remote.name;
                }))
                reading.problem_at(
                    prefix + "name",
                    fmt::format("two entries of '{}' are called '{}'", key, remote.name),
                    "uploads are queued under that name, so make it unique");
            out.push_back(std::move(remote));
        }
    };
}

}  // namespace mastobak::config
