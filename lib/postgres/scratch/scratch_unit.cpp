// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/scratch/scratch_unit.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/process/accounts.hpp"
#include "core/process/process.hpp"

namespace mastobak::postgres {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view daemons_user = "mastobak";
constexpr std::chrono::seconds unit_start_limit{180}, unit_stop_limit{30};

std::string unit_of(std::string_view instance) {
    return fmt::format("mastobak-drill@{}.service", instance);
}

std::string escaped(const fs::path& directory) {
    auto answer = run({.argv = {"systemd-escape", "--path", directory.native()}});
    if (!answer.ok())
        throw Error(Errc::environment,
                    fmt::format("systemd-escape '{}': {}", directory.native(), answer.reason()));
    return answer.output.substr(0, answer.output.find('\n'));
}

}  // namespace

std::optional<ScratchInstance> parse_scratch_instance(std::string_view text) {
    ScratchInstance instance;
    const auto* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, instance.owner);
    if (error != std::errc() || instance.owner <= 0 || rest == end || *rest != ':')
        return std::nullopt;
    instance.bin_directory = fs::path("/") / std::string_view(rest + 1, end);
    return instance;
}

bool ScratchUnit::is_available() {
    std::error_code error;
    if (!fs::exists("/run/systemd/system", error)) return false;
    if (::geteuid() != 0 && user_name(::geteuid()) != daemons_user) return false;
    return run({.argv = {"systemctl", "cat", unit_of("")}}).ok();
}

ScratchUnit::ScratchUnit(const fs::path& bin_directory, std::stop_token stop_token)
    : instance_(fmt::format("{}:{}", ::getpid(), escaped(bin_directory))) {
    const auto unit = unit_of(instance_);
    try {
        const auto started = run({.argv = {"systemctl", "--no-ask-password", "start", unit},
                                  .timeout = unit_start_limit},
                                 std::move(stop_token));
        if (started.ok()) return;
        throw Error(
            Errc::environment,
            fmt::format("cannot start '{}', the PostgreSQL of drills: {}", unit, started.reason()),
            fmt::format("is there room in '{}'? 'journalctl -u \"mastobak-drill@*\"' says "
                        "more",
                        data_directory));
    } catch (...) {
        stop();
        throw;
    }
}

ScratchUnit::~ScratchUnit() {
    stop();
}

fs::path ScratchUnit::socket_directory() const {
    return fs::path("/run/mastobak-drill") / instance_;
}

void ScratchUnit::stop() const noexcept {
    try {
        // If this fails, the server ends together with this process.
        run({.argv = {"systemctl", "--no-ask-password", "stop", unit_of(instance_)},
             .timeout = unit_stop_limit});
    } catch (const std::exception&) {
    }
}

}  // namespace mastobak::postgres
