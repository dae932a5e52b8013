// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/container_engine.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "support/eventually.hpp"
#include "support/processes.hpp"
#include "units/container_name.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;
namespace {

constexpr auto docker_program = "/usr/bin/docker";

// Process 1 of the namespace. It starts the engine again as long as the file "up" exists. The
// namespace has a /run of its own, because podman and dockerd write there.
constexpr auto first_process = R"(
mount -t tmpfs -o mode=755 tmpfs /run
while :; do
    if [ -e "$0/up" ]; then "$@" >>"$0/log" 2>&1; fi
    sleep 0.05
done
)";

// The limits are needed where this machine's own limits are lower than podman's defaults.
constexpr auto podman_configuration = R"(
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
)";

// An image without a program: containers mount /usr.
constexpr auto make_image = R"(
cd "$0"
mkdir -p image/dev image/etc image/proc image/run image/srv image/sys image/tmp image/usr
for link in bin lib lib64 sbin; do ln -s usr/$link image/$link; done
tar -C image -cf image.tar .
)";

std::string control_group() {
    return "mastobak-test-" + std::to_string(::getpid());
}

/// Removes a control group and those below it. Its files cannot be removed, and need not be.
void remove_group(const fs::path& group) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(group, ignored))
        if (entry.is_directory(ignored)) remove_group(entry.path());
    eventually(
        [&group, &ignored] { return ::rmdir(group.c_str()) == 0 || !fs::exists(group, ignored); },
        std::chrono::seconds(1));
}

std::string output_of(std::vector<std::string> argv) {
    const auto finished = run({.argv = std::move(argv), .timeout = std::chrono::seconds(60)});
    if (!finished.ok()) throw std::runtime_error("docker: " + finished.reason());
    auto text = finished.output;
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

}  // namespace

std::vector<std::string> ContainerEngine::engine_command() const {
    const auto below = [this](const char* name) { return (directory_ / name).native(); };
    const auto listen = "unix://" + socket().native();
    if (kind_ == Kind::docker)
        return {"dockerd",
                "--bridge=none",
                "--iptables=false",
                "--config-file",
                below("json"),
                "--data-root",
                below("data"),
                "--exec-root",
                below("exec"),
                "--pidfile",
                below("engine.pid"),
                "--cgroup-parent",
                "/" + control_group(),
                "--host",
                listen};
    return {"env",
            "CONTAINERS_CONF=" + below("conf"),
            "TMPDIR=" + directory_.path().native(),  // podman does not remove what it has imported
            "podman",
            "--root",
            below("data"),
            "--runroot",
            below("exec"),
            "--tmpdir",
            below("tmp"),
            "--cgroup-manager=cgroupfs",
            "--events-backend=file",
            "--runtime=runc",
            "system",
            "service",
            "--time=0",
            listen};
}

ContainerEngine::ContainerEngine(Kind kind) : kind_(kind) {
    write(directory_ / "json", "{}");
    write(directory_ / "conf", podman_configuration);
    output_of({"bash", "-euc", make_image, directory_.path()});
    std::vector<std::string> argv{"unshare",      "--mount",           "--pid", "--fork",
                                  "--mount-proc", "--kill-child=KILL", "sh",    "-c",
                                  first_process,  directory_.path()};
    for (auto& word : engine_command()) argv.push_back(std::move(word));
    running_ = std::jthread([argv](std::stop_token stop) {
        try {
            // SIGKILL: process 1 of a namespace ignores SIGTERM.
            run({.argv = argv, .stop_signal = SIGKILL}, std::move(stop));
        } catch (const Error&) {
            // It was stopped.
        }
    });
    start_engine();
    // podman prints the ID twice.
    const auto imported = docker({"import", directory_ / "image.tar"});
    image_ = imported.substr(imported.rfind("sha256:"));
}

ContainerEngine::~ContainerEngine() {
    remove_containers();
    running_.request_stop();
    running_.join();
    // Control groups outlive the namespace, those of containers that were killed with it, too.
    const fs::path groups = "/sys/fs/cgroup";
    remove_group(groups / control_group());
    for (const auto& hierarchy : fs::directory_iterator(groups))
        remove_group(hierarchy.path() / control_group());
}

void ContainerEngine::remove_containers() const {
    try {
        const auto all = docker({"ps", "-aq"});
        std::vector<std::string> argv{"rm", "-f"};
        for (std::size_t begin = 0; begin < all.size();) {
            const auto end = std::min(all.find('\n', begin), all.size());
            argv.push_back(all.substr(begin, end - begin));
            begin = end + 1;
        }
        if (argv.size() > 2) docker(std::move(argv));
    } catch (const std::exception&) {
        // The engine does not run.
    }
}

std::string ContainerEngine::docker(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {docker_program, "-H", "unix://" + socket().native()});
    return output_of(std::move(arguments));
}

std::string ContainerEngine::make(const char* verb, const std::string& name,
                                  std::vector<std::string> command,
                                  std::vector<std::string> options) const {
    const auto parsed = units::parse_container_name(name);
    if (!parsed) throw std::runtime_error("not the name of a container: " + name);
    const auto label = [](const char* key, const std::string& value) {
        return "com.docker.compose." + std::string(key) + "=" + value;
    };
    std::vector<std::string> argv{verb, "--label", label("project", parsed->project), "--label",
                                  label("service", parsed->service), "--label",
                                  label("container-number", parsed->number), "--network=host",
                                  // Process 1 ignores SIGTERM until it has set its handler.
                                  "--stop-timeout=2", "--volume=/usr:/usr:ro"};
    if (std::string_view(verb) == "run") argv.emplace_back("--detach");
    for (auto& option : options) argv.push_back(std::move(option));
    argv.push_back(image_);
    for (auto& word : command) argv.push_back(std::move(word));
    return docker(std::move(argv));
}

std::string ContainerEngine::run_container(const std::string& name,
                                           std::vector<std::string> command,
                                           std::vector<std::string> options) const {
    return make("run", name, std::move(command), std::move(options));
}

std::string ContainerEngine::create_container(const std::string& name,
                                              std::vector<std::string> command,
                                              std::vector<std::string> options) const {
    return make("create", name, std::move(command), std::move(options));
}

void ContainerEngine::kill_engine() const {
    fs::remove(directory_ / "up");
    const auto engine = kind_ == Kind::docker ? "dockerd" : "podman";
    for (const auto pid : processes_with("unix://" + socket().native())) {
        const auto program = fs::read_symlink("/proc/" + std::to_string(pid) + "/exe").filename();
        if (program == engine) ::kill(pid, SIGKILL);
    }
    if (!eventually([&] {
            struct stat state {};
            return ::stat(socket().c_str(), &state) != 0 ||
                   !run({.argv = {docker_program, "-H", "unix://" + socket().native(), "ps"}}).ok();
        }))
        throw std::runtime_error("the engine still answers");
}

void ContainerEngine::start_engine() const {
    write(directory_ / "up", "");
    const bool answers = eventually(
        [&] {
            return run({.argv = {docker_program, "-H", "unix://" + socket().native(), "ps"}}).ok();
        },
        std::chrono::seconds(30));
    if (!answers)
        throw std::runtime_error("the engine does not answer: " + read(directory_ / "log"));
}

}  // namespace mastobak::test
