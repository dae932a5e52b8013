// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "async/job.hpp"
#include "async/timers.hpp"
#include "offsite/remote_uploader.hpp"

namespace mastobak::offsite {
namespace {

/// Without remotes there is nothing to do, but run() ends only when it is cancelled.
async::Task<> idle() {
    for (;;) co_await async::wait_for(std::chrono::hours(1));
}

}  // namespace

struct Worker::Impl {
    Services services;
    std::vector<RemoteUploader> uploaders;

    /// Reports unusable files of the queue and the history, once at each start.
    void report_problems() {
        auto problems = services.queue.problems();
        if (!services.history.problem().empty()) problems.push_back(services.history.problem());
        std::set<std::string> strangers;
        for (const auto& job : services.queue.list())
            if (std::none_of(uploaders.begin(), uploaders.end(),
                             [&](const RemoteUploader& uploader) {
                                 return uploader.remote() == job.remote;
                             }))
                strangers.insert(job.remote);
        for (const auto& remote : strangers)
            problems.push_back(fmt::format(
                "sets are queued for '{}', which is not a remote of the configuration", remote));
        for (auto& problem : problems)
            if (services.report)
                services.report({UploadEvent::Kind::failed, {}, {}, std::move(problem), {}, {}});
    }

    async::Task<> run() {
        report_problems();
        std::vector<async::Task<>> tasks;
        for (auto& uploader : uploaders) tasks.push_back(uploader.run());
        if (tasks.empty()) tasks.push_back(idle());
        co_await async::all(std::move(tasks));
    }

    async::Task<> drain() {
        report_problems();
        std::vector<async::Task<>> tasks;
        for (auto& uploader : uploaders) tasks.push_back(uploader.drain());
        co_await async::all(std::move(tasks));
    }
};

Worker::Worker(boost::asio::thread_pool& pool, Queue queue, std::filesystem::path staging,
               std::vector<std::unique_ptr<Remote>> remotes, std::filesystem::path history_file,
               Clock& clock, Backoff backoff, std::function<void(const UploadEvent&)> report,
               WhenIdle when_idle)
    : impl_(new Impl{{pool, std::move(queue), std::move(staging), History(std::move(history_file)),
                      clock, backoff, std::move(report), std::move(when_idle)},
                     {}}) {
    const auto jobs = impl_->services.queue.list();
    for (auto& remote : remotes) {
        std::vector<Job> own;
        std::copy_if(jobs.begin(), jobs.end(), std::back_inserter(own),
                     [&](const Job& job) { return job.remote == remote->name(); });
        impl_->uploaders.emplace_back(impl_->services, std::move(remote), std::move(own));
    }
}

Worker::~Worker() = default;

void Worker::add(const std::string& set) {
    for (auto& uploader : impl_->uploaders) uploader.add(set);
}

void Worker::retry_now() {
    for (auto& uploader : impl_->uploaders) uploader.retry_now();
}

void Worker::prune() {
    for (auto& uploader : impl_->uploaders) uploader.prune();
}

async::Task<> Worker::run() {
    return impl_->run();
}

async::Task<> Worker::drain() {
    return impl_->drain();
}

std::vector<RemoteState> Worker::state() const {
    std::vector<RemoteState> states;
    for (const auto& uploader : impl_->uploaders) states.push_back(uploader.state());
    return states;
}

}  // namespace mastobak::offsite
