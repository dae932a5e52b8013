// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/hooks.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <span>
#include <utility>

#include "async/run_blocking.hpp"
#include "core/process/accounts.hpp"
#include "core/process/process.hpp"
#include "core/text.hpp"

namespace mastobak::backup {
namespace {

std::string perform_hook(const HookRun& run, std::stop_token stop) {
    Command command{.argv = run.hook.command};
    const auto add = [&](const std::string& name, const std::string& value) {
        command.environment["MASTOBAK_" + name] = readable(value);
    };
    for (const auto& [name, value] : run.facts) add(name, value);
    add("EVENT", run.name);
    add("HOST", host_name());
    command.on_output = [](std::span<const std::byte>) {};
    command.timeout = run.hook.timeout;
    try {
        const auto finished = mastobak::run(command, std::move(stop));
        if (finished.ok()) return {};
        return fmt::format("the hook {} ('{}') failed: {}", run.name, command.argv.front(),
                           readable(finished.reason()));
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        return fmt::format("the hook {} cannot be run: {}", run.name, error.text());
    }
}

}  // namespace

async::Task<std::string> run_hook(boost::asio::thread_pool& pool, HookRun run) {
    if (run.hook.command.empty()) co_return std::string();
    auto work = [run = std::move(run)](std::stop_token stop) {
        return perform_hook(run, std::move(stop));
    };
    co_return co_await async::run_blocking(pool, std::move(work));
}

Error stopped_by_hook(const HookRun& run, const std::string& problem) {
    return Error(Errc::environment, problem,
                 fmt::format("with hooks.{}.on_failure: warn, the run continues", run.name));
}

}  // namespace mastobak::backup
