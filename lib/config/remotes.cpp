// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "config/keys.hpp"
#include "config/values.hpp"

namespace mastobak::config {
namespace {

const std::vector<std::string> remote_types{"rclone", "rsync", "directory"};

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

Remote read_remote(const YamlNode& node, const std::string& prefix, Reading& reading) {
    Remote remote;
    read_entry(remote, node, prefix, remote_types, {"name", "type", "target"}, reading);
    if (node.find("type") == nullptr || remote.target.empty()) return remote;
    if (auto hint = target_hint(remote.type, remote.target); !hint.empty())
        reading.problem_at(
            prefix + "target",
            fmt::format("'{}target': '{}' is not a target of that type", prefix, remote.target),
            std::move(hint));
    return remote;
}

Reader retention(std::optional<Retention>& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        if (node.kind != YamlNode::Kind::mapping)
            return wrong_kind(node, key, "a mapping", "its keys are those of 'retention'", reading);
        read_mapping(node, key + ".", keys_of(out.emplace()), reading);
    };
}

}  // namespace

bool is_file_name(const std::string& name) {
    return name.size() <= 64 && name.front() != '.' && name.front() != '-' &&
           name.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               std::string::npos;
}

std::vector<TypedKey<RemoteType>> keys_of(Remote& r) {
    using enum RemoteType;
    return {
        {{"name", text(r.name)}, {}},
        {{"type", choice(r.type, remote_types)}, {}},
        {{"target", text(r.target)}, {}},
        {{"rclone_config", absolute_path(r.rclone_config)}, {rclone}},
        {{"identity_file", absolute_path(r.identity_file)}, {rsync}},
        {{"known_hosts", absolute_path(r.known_hosts)}, {rsync}},
        {{"port", number(r.port, 1, 65535)}, {rsync}},
        {{"bandwidth", rate(r.bandwidth)}, {rclone, rsync}},
        {{"plain", flag(r.plain)}, {}},
        {{"mounted", flag(r.mounted)}, {directory}},
        {{"retention", retention(r.retention)}, {}},
    };
}

Reader remotes(std::vector<Remote>& out) {
    return entries(out, &read_remote, "uploads are queued under that name, so make it unique");
}

}  // namespace mastobak::config
