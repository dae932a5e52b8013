// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/test_host.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <utility>

namespace mastobak::test {
namespace {

constexpr auto program = SOURCE_DIR "/tests/support/testhost/testhost";

std::string unique_name() {
    static std::atomic<int> count = 0;
    return "t" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

UniqueFd take_lease(const std::filesystem::path& file) {
    UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd || ::flock(fd.get(), LOCK_EX) != 0) throw std::runtime_error("cannot take the lease");
    return fd;
}

std::string without_newlines(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

}  // namespace

TestHostOptions with_build(const TemporaryDirectory& stage) {
    const std::filesystem::path source = SOURCE_DIR;
    const auto root = stage / "root";
    const auto installed = run({.argv = {"cmake", "--install", source / "build/release", "--strip"},
                                .environment = {{"DESTDIR", root}}});
    if (!installed.ok())
        throw std::runtime_error("cmake --install: " + installed.reason() + "\n" +
                                 installed.error_tail);
    TestHostOptions options;
    options.bind_read_only = {source.native() + ":/opt/mastobak", root.native() + ":/opt/stage"};
    return options;
}

TestHost::TestHost(const TestHostOptions& options)
    : lease_(take_lease(directory_ / "lease")), name_(unique_name()) {
    std::vector<std::string> arguments{"start", name_, "--lease", directory_ / "lease"};
    const auto add = [&arguments](const char* option, const std::string& value) {
        arguments.emplace_back(option);
        arguments.push_back(value);
    };
    if (!options.setup.empty()) {
        write(directory_ / "setup.sh", options.setup);
        add("--setup", directory_ / "setup.sh");
    }
    for (const auto& unit : options.enable) add("--enable", unit);
    for (const auto& bind : options.bind) add("--bind", bind);
    for (const auto& bind : options.bind_read_only) add("--bind-ro", bind);
    if (!options.upper.empty()) add("--upper", options.upper);
    if (options.logind) arguments.emplace_back("--logind");
    if (options.loop_devices) arguments.emplace_back("--loop");
    command(std::move(arguments));
}

TestHost::~TestHost() {
    try {
        command({"stop", name_});
    } catch (...) {
        // If this fails, the end of the lease stops the host.
    }
}

Finished TestHost::exec(std::vector<std::string> argv) const {
    argv.insert(argv.begin(), {program, "exec", name_});
    return run({.argv = std::move(argv)});
}

std::string TestHost::sh(const std::string& script) const {
    auto finished = exec({"bash", "-euc", script});
    if (!finished.ok()) throw std::runtime_error("'" + script + "': " + finished.reason());
    return without_newlines(std::move(finished.output));
}

void TestHost::add_unit(std::string_view name, std::string_view text) const {
    write(root() / "etc/systemd/system" / name, text);
    sh("systemctl daemon-reload");
}

std::string TestHost::state_of(const std::string& unit) const {
    return without_newlines(exec({"systemctl", "is-active", unit}).output);
}

std::string TestHost::journal() const {
    return exec({"journalctl", "--no-pager"}).output;
}

std::string TestHost::bus_address() const {
    return command({"bus", name_});
}

std::filesystem::path TestHost::root() const {
    return command({"root", name_});
}

void TestHost::link(const std::string& ours, const TestHost& other,
                    const std::string& theirs) const {
    command({"link", name_, ours, other.name_, theirs});
}

void TestHost::crash() {
    command({"crash", name_});
}

std::string TestHost::command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), program);
    auto finished = run({.argv = std::move(arguments), .timeout = std::chrono::seconds(90)});
    if (!finished.ok()) throw std::runtime_error("testhost: " + finished.reason());
    return without_newlines(std::move(finished.output));
}

}  // namespace mastobak::test
