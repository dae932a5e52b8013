// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/ask_remotes.hpp"

#include <fmt/format.h>

#include <memory>
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
    std::string answer;
    async::BlockingWork work = [&](std::stop_token stop) {
        try {
            offsite::make_remote(entry, scratch)->check(stop);
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
            answer = error.what();
        }
    };
    auto question = async::run_blocking(pool, std::move(work));
    const bool in_time = co_await async::with_deadline(limit, std::move(question));
    if (!in_time) answer = fmt::format("no answer within {}", to_text(limit));
    co_return answer;
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
