// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/ask_remotes.hpp"

#include <fmt/format.h>

#include <utility>

#include "async/job.hpp"
#include "async/run_blocking.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/make_remote.hpp"

namespace mastobak::backup {
namespace {

/// Checks one remote.
/// \return why it cannot be reached; empty if it can
async::Task<std::string> ask(config::Remote entry, std::filesystem::path scratch,
                             boost::asio::thread_pool& pool, std::chrono::seconds limit) {
    auto work = [entry, scratch](std::stop_token stop) -> std::string {
        try {
            offsite::make_remote(entry, scratch)->check(stop);
            return {};
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
            return error.what();
        }
    };
    auto question = async::run_blocking(pool, std::move(work));
    auto answer = co_await async::with_deadline(limit, std::move(question));
    co_return std::move(answer).value_or(fmt::format("no answer within {}", to_text(limit)));
}

}  // namespace

async::Task<std::vector<std::string>> ask_remotes(config::Config config,
                                                  boost::asio::thread_pool& pool,
                                                  std::chrono::seconds limit) {
    std::vector<std::string> unreachable;
    for (const auto& entry : config.offsite) {
        const auto answer = co_await ask(entry, config.state_directory / "preflight", pool, limit);
        if (!answer.empty())
            unreachable.push_back(
                fmt::format("the remote '{}' cannot be used, so this set stays here until it can: "
                            "{}",
                            entry.name, answer));
    }
    co_return unreachable;
}

}  // namespace mastobak::backup
