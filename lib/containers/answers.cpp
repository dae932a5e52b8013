// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace mastobak::containers {
namespace {

constexpr auto label_prefix = "com.docker.compose.";
constexpr std::size_t longest_error = 300;

[[noreturn]] void refuse(std::string_view what) {
    throw Error(Errc::units, fmt::format("the container engine's answer is not {}", what),
                "is it Docker's or podman's API that listens on that socket?");
}

Json parse(const std::string& text, std::string_view what) {
    auto json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) refuse(what);
    return json;
}

/// Returns a member of an object; null when there is none.
const Json& member(const Json& object, const char* key) {
    static const Json null;
    if (!object.is_object()) return null;
    const auto found = object.find(key);
    return found == object.end() ? null : *found;
}

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::string text(const Json& object, const char* key) {
    return text_of(member(object, key));
}

bool flag(const Json& object, const char* key) {
    const auto& value = member(object, key);
    return value.is_boolean() && value.get<bool>();
}

std::vector<std::string> texts(const Json& list) {
    std::vector<std::string> result;
    if (!list.is_array()) return result;
    for (const auto& item : list)
        if (item.is_string()) result.push_back(item.get<std::string>());
    return result;
}

std::string label(const Json& labels, const char* name) {
    return text(labels, (std::string(label_prefix) + name).c_str());
}

std::optional<units::ContainerName> name_of(const Json& labels) {
    return units::container_name(label(labels, "project"), label(labels, "service"),
                                 label(labels, "container-number"));
}

/// "True" is Docker Compose's, "true" is podman-compose's.
bool is_one_off(const Json& labels) {
    const auto value = label(labels, "oneoff");
    return value == "True" || value == "true";
}

/// Parses an instant of RFC 3339, which podman writes with the offset of its time zone.
std::optional<Timestamp> instant(std::string text) {
    constexpr std::size_t offset_size = 6;  // "+01:00"
    std::chrono::minutes offset{0};
    if (text.size() > offset_size && text[text.size() - 3] == ':' &&
        (text[text.size() - offset_size] == '+' || text[text.size() - offset_size] == '-')) {
        const auto part = text.substr(text.size() - offset_size);
        offset = std::chrono::hours(leading_number<unsigned>(part.substr(1, 2))) +
                 std::chrono::minutes(leading_number<unsigned>(part.substr(4)));
        if (part.front() == '-') offset = -offset;
        text.replace(text.size() - offset_size, offset_size, "Z");
    }
    const auto time = parse_iso8601(text);
    // "0001-01-01T00:00:00Z" is never.
    if (!time || time->time_since_epoch().count() <= 0) return std::nullopt;
    return *time - offset;
}

std::vector<Mount> mounts_of(const Json& list) {
    std::vector<Mount> mounts;
    if (!list.is_array()) return mounts;
    for (const auto& item : list) {
        Mount mount{text(item, "Source"), text(item, "Destination"), flag(item, "RW")};
        if (mount.source.is_absolute() && mount.destination.is_absolute())
            mounts.push_back(std::move(mount));
    }
    return mounts;
}

std::vector<Network> networks_of(const Json& networks) {
    std::vector<Network> result;
    if (!networks.is_object()) return result;
    for (const auto& [name, network] : networks.items()) {
        auto address = text(network, "IPAddress");
        if (address.empty()) address = text(network, "GlobalIPv6Address");
        result.push_back({name, std::move(address), texts(member(network, "Aliases"))});
    }
    return result;
}

/// The label has the files separated by commas. Docker Compose v1 wrote relative names.
std::vector<std::filesystem::path> compose_files_of(const std::string& label,
                                                    const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    for (const auto name : split(label, ","))
        if (!name.empty()) files.push_back((directory / name).lexically_normal());
    std::erase_if(files, [](const auto& file) { return !file.is_absolute(); });
    return files;
}

/// Returns the ID of an image without the name of the hash, which podman leaves out; empty: it is not
/// one.
std::string id_of_image(std::string_view text) {
    constexpr std::string_view hash = "sha256:";
    if (text.starts_with(hash)) text.remove_prefix(hash.size());
    return is_id(text) ? std::string(text) : std::string();
}

/// Returns a text of an answer as one readable line.
std::string line_of(const std::string& answer, const char* key) {
    auto line = text(Json::parse(answer, nullptr, false), key);
    if (line.size() > longest_error) line = line.substr(0, longest_error) + "…";
    return readable(line);
}

}  // namespace

bool is_id(std::string_view text) {
    constexpr std::size_t size = 64;
    return text.size() == size && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::vector<Listed> parse_list(const std::string& answer) {
    const auto list = parse(answer, "a list of containers");
    if (!list.is_array()) refuse("a list of containers");
    std::vector<Listed> result;
    for (const auto& item : list) {
        const auto& labels = member(item, "Labels");
        auto name = name_of(labels);
        auto id = text(item, "Id");
        if (!name || !is_id(id) || is_one_off(labels)) continue;
        const auto& created = member(item, "Created");
        result.push_back(
            {.id = std::move(id),
             .name = std::move(*name),
             .state = text(item, "State"),
             .created = created.is_number_integer() ? created.get<std::int64_t>() : 0});
    }
    return result;
}

std::vector<Labelled> parse_labelled(const std::string& answer) {
    const auto list = parse(answer, "a list of containers");
    if (!list.is_array()) refuse("a list of containers");
    std::vector<Labelled> result;
    for (const auto& item : list) {
        const auto& labels = member(item, "Labels");
        Labelled one{text(item, "Id"), label(labels, "project")};
        if (is_id(one.id) && !one.project.empty() && !is_one_off(labels))
            result.push_back(std::move(one));
    }
    return result;
}

Inspected parse_inspection(const std::string& answer) {
    const auto object = parse(answer, "the description of a container");
    const auto& state = member(object, "State");
    const auto& config = member(object, "Config");
    const auto& labels = member(config, "Labels");
    Inspected result;
    result.id = text(object, "Id");
    if (!is_id(result.id) || !state.is_object()) refuse("the description of a container");
    result.name = name_of(labels);
    result.one_off = is_one_off(labels);
    result.running = flag(state, "Running");
    result.paused = flag(state, "Paused");
    result.restarting = flag(state, "Restarting");
    const auto& pid = member(state, "Pid");
    if (pid.is_number_unsigned() && std::in_range<std::uint32_t>(pid.get<std::uint64_t>()))
        result.pid = pid.get<std::uint32_t>();
    result.started_at = instant(text(state, "StartedAt"));
    result.health = text(member(state, "Health"), "Status");
    if (result.health == "none") result.health.clear();
    result.error = text(state, "Error");
    result.image = text(config, "Image");
    result.image_id = id_of_image(text(object, "Image"));
    const auto own_name = text(object, "Name");  // Docker's begins with '/'
    result.of_drill = (own_name == drill_name || own_name == std::string("/") + drill_name) &&
                      text(labels, drill_label) == "1";
    if (auto program = text(object, "Path"); !program.empty())
        result.command.push_back(std::move(program));
    for (auto& argument : texts(member(object, "Args")))
        result.command.push_back(std::move(argument));
    result.user = text(config, "User");
    result.working_directory = text(config, "WorkingDir");
    result.environment = texts(member(config, "Env"));
    result.mounts = mounts_of(member(object, "Mounts"));
    const auto& host = member(object, "HostConfig");
    result.network_mode = text(host, "NetworkMode");
    const auto pid_mode = text(host, "PidMode");
    result.own_processes = pid_mode.empty() || pid_mode == "private";
    result.networks = networks_of(member(member(object, "NetworkSettings"), "Networks"));
    result.project_directory = label(labels, "project.working_dir");
    result.compose_files =
        compose_files_of(label(labels, "project.config_files"), result.project_directory);
    return result;
}

std::vector<ContainerProcess> parse_processes(const std::string& answer) {
    constexpr auto what = "a list of processes";
    const auto object = parse(answer, what);
    const auto titles = texts(member(object, "Titles"));
    const auto column = [&titles](std::string_view title) {
        const auto found = std::ranges::find(titles, title);
        return static_cast<std::size_t>(found - titles.begin());
    };
    const auto own = column("PID");
    const auto parent = column("PPID");
    const auto command = column("COMMAND");
    const auto host = column("HPID") < titles.size() ? column("HPID") : own;
    const auto& rows = member(object, "Processes");
    if (std::max({own, parent, command}) >= titles.size() || (!rows.is_array() && !rows.is_null()))
        refuse(what);
    std::vector<ContainerProcess> processes;
    for (const auto& row : rows) {
        auto fields = texts(row);
        if (fields.size() != titles.size()) refuse(what);
        ContainerProcess process{parse_number<std::uint32_t>(fields[host]).value_or(0),
                                 parse_number<std::uint32_t>(fields[own]).value_or(0),
                                 parse_number<std::uint32_t>(fields[parent]).value_or(0),
                                 std::move(fields[command])};
        if (process.pid == 0) refuse(what);
        processes.push_back(std::move(process));
    }
    return processes;
}

bool parse_is_podman(const std::string& answer) {
    const auto object = parse(answer, "its version");
    if (text(object, "ApiVersion").empty()) refuse("its version");
    const auto& components = member(object, "Components");
    return components.is_array() && std::ranges::any_of(components, [](const auto& component) {
               return text(component, "Name") == "Podman Engine";
           });
}

std::optional<int> parse_exit_status(const std::string& answer) {
    const auto object = parse(answer, "the description of an exec");
    if (flag(object, "Running")) return std::nullopt;
    const auto& status = member(object, "ExitCode");
    if (!status.is_number_integer() || !std::in_range<int>(status.get<std::int64_t>()))
        refuse("the description of an exec");
    return status.get<int>();
}

std::string parse_id(const std::string& answer) {
    auto id = text(parse(answer, "an ID"), "Id");
    if (!is_id(id)) refuse("an ID");
    return id;
}

std::string error_text(const std::string& answer) {
    const auto message = line_of(answer, "message");
    return message.empty() ? "it gives no reason" : message;
}

std::string error_hint(const std::string& answer) {
    return line_of(answer, "hint");
}

}  // namespace mastobak::containers
