// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/helper/descriptions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/json.hpp"

namespace mastobak::containers {
namespace {

std::string label_name(const char* name) {
    return std::string("com.docker.compose.") + name;
}

/// Bytes that are not UTF-8 are replaced; JSON cannot have them.
std::string text_of_json(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json labels_of(const units::ContainerName& name) {
    return {{label_name("project"), name.project},
            {label_name("service"), name.service},
            {label_name("container-number"), name.number}};
}

}  // namespace

std::string describe_list(const std::vector<Listed>& all) {
    auto list = Json::array();
    for (const auto& one : all)
        list.push_back({{"Id", one.id},
                        {"State", one.state},
                        {"Created", one.created},
                        {"Labels", labels_of(one.name)}});
    return text_of_json(list);
}

std::string describe_container(const Inspected& container, bool whole) {
    auto labels = container.name ? labels_of(*container.name) : Json::object();
    if (container.one_off) labels[label_name("oneoff")] = "True";
    std::vector<std::string> files;
    for (const auto& file : container.compose_files) files.push_back(file.native());
    labels[label_name("project.working_dir")] = container.project_directory.native();
    labels[label_name("project.config_files")] = fmt::format("{}", fmt::join(files, ","));
    auto mounts = Json::array();
    for (const auto& mount : container.mounts)
        mounts.push_back({{"Source", mount.source.native()},
                          {"Destination", mount.destination.native()},
                          {"RW", mount.writable}});
    auto networks = Json::object();
    for (const auto& network : container.networks)
        networks[network.name] = {{"IPAddress", network.address}, {"Aliases", network.aliases}};
    Json state{{"Running", container.running},
               {"Paused", container.paused},
               {"Restarting", container.restarting},
               {"Pid", container.pid},
               {"Error", container.error}};
    if (container.started_at) state["StartedAt"] = to_iso8601(*container.started_at);
    if (!container.health.empty()) state["Health"] = {{"Status", container.health}};
    Json config{{"User", container.user},
                {"WorkingDir", container.working_directory.native()},
                {"Labels", labels}};
    if (whole) config["Env"] = container.environment;
    return text_of_json({{"Id", container.id},
                         {"Image", container.image_id},
                         {"State", state},
                         {"Config", config},
                         {"HostConfig",
                          {{"NetworkMode", container.network_mode},
                           {"PidMode", container.own_processes ? "" : "host"}}},
                         {"Mounts", mounts},
                         {"NetworkSettings", {{"Networks", networks}}}});
}

std::string describe_processes(const std::vector<ContainerProcess>& processes) {
    auto rows = Json::array();
    for (const auto& process : processes)
        rows.push_back({std::to_string(process.pid), std::to_string(process.own),
                        std::to_string(process.parent), process.command});
    return text_of_json({{"Titles", {"HPID", "PID", "PPID", "COMMAND"}}, {"Processes", rows}});
}

std::string describe_error(const std::string& text, const std::string& hint) {
    Json error{{"message", text}};
    if (!hint.empty()) error["hint"] = hint;
    return text_of_json(error);
}

}  // namespace mastobak::containers
