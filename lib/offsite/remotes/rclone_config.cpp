// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/rclone_config.hpp"

#include <algorithm>
#include <vector>

#include "core/json.hpp"

namespace mastobak::offsite {
namespace {

using json = Json;
namespace fs = std::filesystem;

/// The maximum depth of remotes that wrap other remotes. rclone itself reports a cycle.
constexpr int deepest = 8;

std::string text(const json& section, const char* key) {
    const auto found = section.find(key);
    return found != section.end() && found->is_string() ? found->get<std::string>() : "";
}

bool pins(const json& section) {
    // With 'ssh', rclone runs an ssh(1) chosen by the admin, which checks its own known_hosts.
    return !text(section, "known_hosts_file").empty() || !text(section, "ssh").empty();
}

std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> all;
    while (!line.empty()) {
        const auto end = std::min(line.find(' '), line.size());
        if (end > 0) all.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return all;
}

std::optional<std::string> find(const json& sections, std::string_view target, int depth) {
    const bool on_the_fly = target.starts_with(':');  // ":sftp,host=example.org:path"
    const auto end = target.find_first_of(",:", on_the_fly ? 1 : 0);
    if (end == std::string_view::npos || depth > deepest) return std::nullopt;  // a local path
    const auto name = target.substr(on_the_fly ? 1 : 0, end - (on_the_fly ? 1 : 0));
    const bool pinned_here = target.find("known_hosts_file=") != std::string_view::npos;
    if (on_the_fly)
        return name == "sftp" && !pinned_here ? std::optional(std::string(target)) : std::nullopt;

    const auto section = sections.find(std::string(name));
    if (section == sections.end() || !section->is_object()) return std::nullopt;
    if (text(*section, "type") == "sftp")
        return pins(*section) || pinned_here ? std::nullopt : std::optional(std::string(name));
    if (auto found = find(sections, text(*section, "remote"), depth + 1)) return found;
    const auto upstreams = text(*section, "upstreams");
    for (auto upstream : words(upstreams)) {
        const auto equals = upstream.find('=');  // `combine` has "directory=remote:path"
        if (equals < upstream.find(':')) upstream.remove_prefix(equals + 1);
        if (auto found = find(sections, upstream, depth + 1)) return found;
    }
    return std::nullopt;
}

bool is_plain(const json& sections, std::string_view target, int depth) {
    const bool on_the_fly = target.starts_with(':');
    const auto end = target.find_first_of(",:", on_the_fly ? 1 : 0);
    if (depth > deepest) return false;
    if (end == std::string_view::npos || target.find('/') < end) return true;  // a local path
    const bool says_none = target.find("no_data_encryption") != std::string_view::npos;
    if (on_the_fly) return target.substr(1, end - 1) != "crypt" || says_none;
    const auto section = sections.find(std::string(target.substr(0, end)));
    if (section == sections.end() || !section->is_object()) return false;
    const auto remote = text(*section, "remote");
    const auto upstreams = text(*section, "upstreams");
    if (text(*section, "type") == "crypt") {
        if (!says_none && text(*section, "no_data_encryption") != "true") return false;
        return is_plain(sections, remote, depth + 1);
    }
    if (!remote.empty()) return is_plain(sections, remote, depth + 1);
    const auto all = words(upstreams);
    return all.empty() || std::ranges::any_of(all, [&](std::string_view upstream) {
               const auto equals = upstream.find('=');
               if (equals < upstream.find(':')) upstream.remove_prefix(equals + 1);
               return is_plain(sections, upstream, depth + 1);
           });
}

/// Returns a target without slashes at its end, which rclone ignores.
std::string_view without_slashes(std::string_view target) {
    while (target.size() > 1 && target.ends_with('/')) target.remove_suffix(1);
    return target;
}

/// Returns the text after the name of a remote in a target: "/mnt/disk" for "disk:/mnt/disk".
std::string_view after_name(std::string_view target) {
    const auto colon = target.find(':', target.starts_with(':') ? 1 : 0);
    return colon == std::string_view::npos ? std::string_view() : target.substr(colon + 1);
}

using Directories = std::vector<fs::path>;

void find_directories(const json& sections, std::string_view target, int depth, Directories& all) {
    const bool on_the_fly = target.starts_with(':');
    const auto end = target.find_first_of(",:", on_the_fly ? 1 : 0);
    if (depth > deepest || target.empty()) return;
    if (end == std::string_view::npos || target.find('/') < end) {
        all.emplace_back(target.substr(0, end));  // a union has "/mnt/disk:ro"
        return;
    }
    const auto name = target.substr(on_the_fly ? 1 : 0, end - (on_the_fly ? 1 : 0));
    const auto section = sections.find(std::string(name));
    const bool known = !on_the_fly && section != sections.end() && section->is_object();
    if (on_the_fly ? name == "local" : known && text(*section, "type") == "local")
        all.emplace_back(after_name(target));
    if (!known) return;
    find_directories(sections, text(*section, "remote"), depth + 1, all);
    const auto upstreams = text(*section, "upstreams");
    for (auto upstream : words(upstreams)) {
        const auto equals = upstream.find('=');
        if (equals < upstream.find(':')) upstream.remove_prefix(equals + 1);
        find_directories(sections, upstream, depth + 1, all);
    }
}

/// Adds the existing files that a value names by absolute paths: its words, and the whole value.
void find_files(std::string_view value, std::vector<fs::path>& all) {
    const auto add = [&all](std::string_view word) {
        std::error_code ignored;
        if (word.starts_with('/') && fs::is_regular_file(word, ignored)) all.emplace_back(word);
    };
    add(value);
    while (!value.empty()) {
        const auto end = std::min(value.find_first_of(" ,=:\"'"), value.size());
        add(value.substr(0, end));
        value.remove_prefix(std::min(end + 1, value.size()));
    }
}

fs::path nearest_that_exists(fs::path path) {
    std::error_code ignored;
    path = fs::absolute(path, ignored);
    while (path.has_relative_path() && !fs::exists(path, ignored)) path = path.parent_path();
    return path;
}

}  // namespace

std::optional<std::string> find_unpinned_sftp(std::string_view dump, std::string_view target) {
    const auto sections = json::parse(dump, nullptr, false);
    return sections.is_object() ? find(sections, target, 0) : std::nullopt;
}

bool leads_to_plain(std::string_view dump, std::string_view target) {
    const auto sections = json::parse(dump, nullptr, false);
    return sections.is_object() && is_plain(sections, target, 0);
}

std::optional<std::string> crypt_over(std::string_view dump, std::string_view target) {
    const auto sections = json::parse(dump, nullptr, false);
    if (!sections.is_object()) return std::nullopt;
    for (const auto& [name, section] : sections.items())
        if (section.is_object() && text(section, "type") == "crypt" &&
            text(section, "no_data_encryption") != "true" &&
            without_slashes(text(section, "remote")) == without_slashes(target))
            return name;
    return std::nullopt;
}

LocalPaths local_paths(std::string_view dump, std::string_view target) {
    LocalPaths found;
    const auto sections = json::parse(dump, nullptr, false);
    if (!sections.is_object()) return found;
    for (const auto& section : sections)
        if (section.is_object())
            for (const auto& value : section)
                if (value.is_string()) find_files(value.get<std::string>(), found.files);
    find_directories(sections, target, 0, found.directories);
    for (auto& directory : found.directories) directory = nearest_that_exists(directory);
    // The root directory would allow access to the whole disk.
    std::erase_if(found.directories,
                  [](const fs::path& path) { return !path.has_relative_path(); });
    return found;
}

}  // namespace mastobak::offsite
