// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/helper/drill_container.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "containers/answers.hpp"
#include "containers/ask_engine.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/json.hpp"

namespace mastobak::containers {
namespace {

constexpr std::int64_t mebibyte = 1 << 20;
/// As mastobak-drill@.service has.
constexpr std::int64_t memory = 2048 * mebibyte, most_processes = 128;
/// A container has 1024 by default, as a unit has a CPUWeight of 100.
constexpr int cpu_shares = 204;
/// The kernel ends a drill rather than anything of Mastodon.
constexpr int ended_first = 500;

Json mount(const std::filesystem::path& path, bool writable) {
    return {{"Type", "bind"},
            {"Source", path.native()},
            {"Target", path.native()},
            {"ReadOnly", !writable}};
}

/// Removes the container of an earlier drill, and waits until its name is free.
void remove_left_over(const Connection& to) {
    constexpr std::chrono::milliseconds pause{50};
    for (std::chrono::milliseconds waited{0}; waited < to.patience; waited += pause) {
        const auto left = inspect(to, drill_name);
        if (!left || !left->of_drill) return;
        remove_container(to, left->id);
        wait_or_stop(pause, to.stop);
    }
}

}  // namespace

// The restored data may be hostile, and become code: see mastobak-drill@.service. The files with
// names of users are the host's, because the server finds the names of its clients there, and its
// own. A remapping of users would make them others.
std::string drill_body(const std::string& image, const DrillServer& server) {
    const auto& places = server.places;
    const Json host{
        {"NetworkMode", "none"},
        {"IpcMode", "private"},
        {"UsernsMode", "host"},
        {"ReadonlyRootfs", true},
        {"CapDrop", {"ALL"}},
        {"SecurityOpt", {"no-new-privileges"}},
        {"Memory", memory},
        {"MemorySwap", memory},
        {"PidsLimit", most_processes},
        {"CpuShares", cpu_shares},
        {"OomScoreAdj", ended_first},
        {"AutoRemove", true},
        {"LogConfig", {{"Type", "none"}}},
        {"Tmpfs", {{"/tmp", "rw,noexec,nosuid,nodev,size=64m"}}},
        {"Mounts",
         {mount(places.data, true), mount(places.sockets, true), mount(places.files, false),
          mount("/etc/passwd", false), mount("/etc/group", false)}}};
    return Json{{"Image", image},
                {"User", server.user},
                {"Entrypoint", server.command},
                {"Cmd", Json::array()},
                {"WorkingDir", "/"},
                {"Labels", {{drill_label, "1"}}},
                {"Healthcheck", {{"Test", {"NONE"}}}},
                {"HostConfig", host}}
        .dump();
}

std::string start_drill_container(const Connection& to, const std::string& image,
                                  const DrillServer& server) {
    remove_left_over(to);
    const auto made = ask_engine(to, std::string("/containers/create?name=") + drill_name,
                                 drill_body(image, server), to.wait);
    if (made.status != created) unexpected("make the container of a drill", made);
    auto id = parse_id(made.body);
    const auto started = start(to, id);
    if (started.kind == Outcome::done) return id;
    remove_container(to, id);
    throw Error(
        Errc::units,
        fmt::format("the container engine cannot start the container of a drill: {}", started.why));
}

}  // namespace mastobak::containers
