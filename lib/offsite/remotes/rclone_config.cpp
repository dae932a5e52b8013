// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/rclone_config.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "core/text.hpp"

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

/// The beginning of a target: "NAME:path", ":BACKEND,option=value:path", or a local path.
struct Target {
    explicit Target(std::string_view target) : on_the_fly(target.starts_with(':')) {
        const std::size_t begin = on_the_fly ? 1 : 0;
        const auto end = target.find_first_of(",:", begin);
        is_local = end == std::string_view::npos || target.find('/') < end;
        name = target.substr(begin, end - begin);
    }

    bool on_the_fly;  ///< ":sftp,host=example.org:path"
    bool is_local;
    std::string_view name;
};

/// Returns the section of a configured remote; null when there is none.
const json* section_of(const json& sections, const Target& target) {
    const auto section = sections.find(std::string(target.name));
    return !target.on_the_fly && section != sections.end() && section->is_object() ? &*section
                                                                                   : nullptr;
}

/// Returns the targets to which a remote passes its files on, such as those of a union.
std::vector<std::string> upstreams_of(const json& section) {
    std::vector<std::string> all;
    const auto line = text(section, "upstreams");
    for (auto upstream : split(line, " ")) {
        if (upstream.empty()) continue;
        const auto equals = upstream.find('=');  // `combine` has "directory=remote:path"
        if (equals < upstream.find(':')) upstream.remove_prefix(equals + 1);
        all.emplace_back(upstream);
    }
    return all;
}

/// Returns the first SFTP remote, of those that a target leads to, that does not pin a host key.
std::optional<std::string> find(const json& sections, const std::string& text_of_target,
                                int depth) {
    const Target target(text_of_target);
    if (target.is_local || depth > deepest) return std::nullopt;
    const bool pinned_here = text_of_target.find("known_hosts_file=") != std::string::npos;
    if (target.on_the_fly)
        return target.name == "sftp" && !pinned_here ? std::optional(text_of_target) : std::nullopt;

    const auto* section = section_of(sections, target);
    if (section == nullptr) return std::nullopt;
    if (text(*section, "type") == "sftp")
        return pins(*section) || pinned_here ? std::nullopt
                                             : std::optional(std::string(target.name));
    if (auto found = find(sections, text(*section, "remote"), depth + 1)) return found;
    for (const auto& upstream : upstreams_of(*section))
        if (auto found = find(sections, upstream, depth + 1)) return found;
    return std::nullopt;
}

bool is_plain(const json& sections, const std::string& text_of_target, int depth) {
    const Target target(text_of_target);
    if (depth > deepest) return false;
    if (target.is_local) return true;
    const bool says_none = text_of_target.find("no_data_encryption") != std::string::npos;
    if (target.on_the_fly) return target.name != "crypt" || says_none;
    const auto* section = section_of(sections, target);
    if (section == nullptr) return false;
    const auto remote = text(*section, "remote");
    if (text(*section, "type") == "crypt") {
        if (!says_none && text(*section, "no_data_encryption") != "true") return false;
        return is_plain(sections, remote, depth + 1);
    }
    if (!remote.empty()) return is_plain(sections, remote, depth + 1);
    const auto all = upstreams_of(*section);
    return all.empty() || std::ranges::any_of(all, [&](const std::string& upstream) {
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

void find_directories(const json& sections, const std::string& text_of_target, int depth,
                      Directories& all) {
    if (depth > deepest || text_of_target.empty()) return;
    const Target target(text_of_target);
    if (target.is_local) {
        all.emplace_back(target.name);  // a union has "/mnt/disk:ro"
        return;
    }
    const auto* section = section_of(sections, target);
    if (target.on_the_fly ? target.name == "local"
                          : section != nullptr && text(*section, "type") == "local")
        all.emplace_back(after_name(text_of_target));
    if (section == nullptr) return;
    find_directories(sections, text(*section, "remote"), depth + 1, all);
    for (const auto& upstream : upstreams_of(*section))
        find_directories(sections, upstream, depth + 1, all);
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
    return sections.is_object() ? find(sections, std::string(target), 0) : std::nullopt;
}

bool leads_to_plain(std::string_view dump, std::string_view target) {
    const auto sections = json::parse(dump, nullptr, false);
    return sections.is_object() && is_plain(sections, std::string(target), 0);
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
    find_directories(sections, std::string(target), 0, found.directories);
    for (auto& directory : found.directories) directory = nearest_that_exists(directory);
    // The root directory would allow access to the whole disk.
    std::erase_if(found.directories,
                  [](const fs::path& path) { return !path.has_relative_path(); });
    return found;
}

}  // namespace mastobak::offsite
