// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/uploads.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "daemon/logging.hpp"
#include "offsite/history.hpp"
#include "offsite/queue.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/make_remote.hpp"

namespace mastobak::daemon {
namespace {

std::vector<std::unique_ptr<offsite::Remote>> make_remotes(const config::Config& config) {
    std::vector<std::unique_ptr<offsite::Remote>> remotes;
    for (const auto& entry : config.offsite)
        remotes.push_back(
            offsite::make_remote(entry, offsite::scratch_directory(config.state_directory)));
    return remotes;
}

std::function<void(const offsite::UploadEvent&)> listener(std::shared_ptr<spdlog::logger> log,
                                                          std::function<void()> arrived,
                                                          std::function<void()> begins) {
    return [log = std::move(log), arrived = std::move(arrived),
            begins = std::move(begins)](const offsite::UploadEvent& event) {
        using Kind = offsite::UploadEvent::Kind;
        const auto kind = event.kind == Kind::finished ? events::upload_finished
                          : event.kind == Kind::failed ? events::upload_failed
                                                       : MessageId{};
        const WithFields fields({.set = event.set, .remote = event.remote, .event = kind});
        switch (event.kind) {
            case Kind::started:
                log->debug("remote={} set={} upload=started", event.remote, event.set);
                if (begins) begins();
                break;
            case Kind::finished:
                log->info("remote={} set={} upload=finished size='{}' took='{}' {}", event.remote,
                          event.set, to_string(event.bytes), to_text(event.took), event.text);
                if (arrived) arrived();
                break;
            case Kind::failed:
                // Without a set, it is a problem of the queue itself, found at the worker's start.
                if (event.set.empty()) return log->warn("{}, ignoring", event.text);
                log->warn("remote={} set={} upload=failed error={}, will retry", event.remote,
                          event.set, quoted_value(event.text));
                break;
        }
    };
}

}  // namespace

std::unique_ptr<offsite::Worker> upload_worker(const config::Config& config,
                                               boost::asio::thread_pool& pool, Clock& clock,
                                               std::shared_ptr<spdlog::logger> log,
                                               Pruning& pruning, std::function<void()> arrived,
                                               std::function<void()> begins) {
    return std::make_unique<offsite::Worker>(
        pool, offsite::Queue(offsite::queue_directory(config.state_directory)), config.staging.path,
        make_remotes(config), offsite::history_file(config.state_directory), clock,
        offsite::Backoff(), listener(std::move(log), std::move(arrived), std::move(begins)),
        [config, &pool, &pruning](std::shared_ptr<offsite::Remote> remote) {
            return pruning.prune_remote(pool, config, std::move(remote));
        });
}

}  // namespace mastobak::daemon
