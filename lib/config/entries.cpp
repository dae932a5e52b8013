// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/entries.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/keys.hpp"
#include "config/lists.hpp"
#include "config/values.hpp"
#include "core/text.hpp"

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

constexpr std::size_t most_targets = 16;

const std::vector<std::string> type_names(notify_type_names.begin(), notify_type_names.end());

std::vector<NotifyEvent> default_events(NotifyType type) {
    using enum NotifyEvent;
    switch (type) {
        case NotifyType::healthchecks:
            return {start, success, warnings, failure};
        case NotifyType::ping:
            return {success, warnings, failure};
        case NotifyType::mail:
        case NotifyType::command:
            break;
    }
    return {unhealthy, recovery};
}

Reader events(std::vector<NotifyEvent>& out) {
    return [&out](const YamlNode& node, const std::string& key, Reading& reading) {
        if (node.kind != YamlNode::Kind::sequence || node.items.empty())
            return reading.problem(node.line, fmt::format("'{}' has to be a list of events", key),
                                   "write it like [failure, unhealthy, recovery]");
        for (const auto& item : node.items) {
            NotifyEvent event{};
            const auto before = reading.problems().size();
            choice(event, {notify_event_names.begin(), notify_event_names.end()})(item, key,
                                                                                  reading);
            if (reading.problems().size() == before && std::ranges::find(out, event) == out.end())
                out.push_back(event);
        }
    };
}

/// Reads the URL of a proxy, or "none" as an empty text.
Reader proxy(std::optional<std::string>& out) {
    return single_value([&out](const Scalar& value) {
        out = value.text == "none" ? std::string() : value.text;
        if (!out->empty() && !http::Url::parse(*out))
            value.problem("is not the URL of a proxy",
                          "write it like 'http://proxy.example:3128', or none");
    });
}

void check_address(const std::string& prefix, const char* key, const std::string& address,
                   Reading& reading) {
    // A line break would begin another header.
    if (address == readable(address)) return;
    reading.problem_at(prefix + key, fmt::format("'{}{}' is not an address", prefix, key),
                       "write it like admin@example.org; several are separated by commas");
}

void check_target(const YamlNode& node, const std::string& prefix, const NotifyTarget& target,
                  Reading& reading) {
    const auto missing = [&](const char* what, const char* hint) {
        reading.problem(node.line, fmt::format("'{}{}' is missing", prefix, what), hint);
    };
    switch (target.type) {
        case NotifyType::healthchecks:
        case NotifyType::ping: {
            const bool both = node.find("url") != nullptr && node.find("url_file") != nullptr;
            const bool none = node.find("url") == nullptr && node.find("url_file") == nullptr;
            if (both)
                reading.problem_at(prefix + "url_file", "'url' and 'url_file' exclude each other",
                                   "the URL is a secret, so keep 'url_file'");
            if (none)
                missing("url_file",
                        "the URL is a secret: write it into a file of mode 0600 that belongs to "
                        "user mastobak, and the path of the file here");
            break;
        }
        case NotifyType::mail:
            if (target.to.empty()) missing("to", "the address of the recipient");
            check_address(prefix, "to", target.to, reading);
            check_address(prefix, "from", target.from, reading);
            break;
        case NotifyType::command:
            if (target.command.empty() && node.find("command") == nullptr)
                missing("command", "write it as [/usr/bin/program, argument]");
            break;
    }
    if (target.type == NotifyType::ping &&
        std::ranges::find(target.on, NotifyEvent::start) != target.on.end())
        reading.problem_at(prefix + "on", "a target of type ping cannot report a start",
                           "it knows only 'up' and 'down'");
}

NotifyTarget read_target(const YamlNode& node, const std::string& prefix, Reading& reading) {
    NotifyTarget target;
    const auto before = reading.problems().size();
    read_entry(target, node, prefix, type_names, {"name", "type"}, reading);
    if (target.on.empty()) target.on = default_events(target.type);
    if (reading.problems().size() == before) check_target(node, prefix, target, reading);
    return target;
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

std::vector<TypedKey<NotifyType>> keys_of(NotifyTarget& t) {
    using enum NotifyType;
    return {
        {{"name", text(t.name)}, {}},
        {{"type", choice(t.type, type_names)}, {}},
        {{"on", events(t.on)}, {}},
        {{"url", secret_url(t.url)}, {healthchecks, ping}},
        {{"url_file", absolute_path(t.url_file)}, {healthchecks, ping}},
        {{"proxy", proxy(t.proxy)}, {healthchecks, ping}},
        {{"log", flag(t.log)}, {healthchecks}},
        {{"to", text(t.to)}, {mail}},
        {{"from", text(t.from)}, {mail}},
        {{"sendmail", argv(t.sendmail)}, {mail}},
        {{"command", argv(t.command)}, {command}},
    };
}

Reader notify_targets(std::vector<NotifyTarget>& out) {
    auto read = entries(out, &read_target, "mastobak notify --test takes the name of a target");
    return [&out, read = std::move(read)](const YamlNode& node, const std::string& key,
                                          Reading& reading) {
        read(node, key, reading);
        if (out.size() > most_targets)
            reading.problem(node.line, fmt::format("'{}' has more than 16 entries", key),
                            "a command can notify several targets, see apprise(1)");
    };
}

}  // namespace mastobak::config
