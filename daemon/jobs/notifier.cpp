// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/notifier.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "async/run_blocking.hpp"
#include "async/timers.hpp"
#include "core/error.hpp"
#include "notify/deliver.hpp"

namespace mastobak::daemon {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using notify::Letter;
using notify::NotifyTarget;

/// The wall clock, by which letters are due, may be set meanwhile.
constexpr std::chrono::nanoseconds longest_sleep = 30s, shortest_sleep = 100ms;

async::Task<> deliver_on(asio::thread_pool& pool, NotifyTarget target, Letter letter) {
    async::BlockingWork work = [target = std::move(target),
                                message = std::move(letter.message)](std::stop_token stop) {
        notify::deliver(target, message, std::move(stop));
    };
    co_await async::run_blocking(pool, std::move(work));
}

}  // namespace

struct Notifier::Sender {
    asio::thread_pool pool{1};
    async::Job<> job{};
    std::string problem{};  ///< of the last attempt; empty when it succeeded
};

Notifier::Notifier(asio::io_context& loop, const Clock& clock, std::shared_ptr<spdlog::logger> log,
                   std::filesystem::path state_directory, Instance instance)
    : loop_(loop),
      clock_(clock),
      log_(std::move(log)),
      file_(notify::outbox_file(state_directory)),
      instance_(std::move(instance)),
      changed_(loop),
      outbox_(notify::Outbox::read(file_)) {}

Notifier::~Notifier() = default;

void Notifier::configure(std::vector<NotifyTarget> targets) {
    targets_ = std::move(targets);
    outbox_.keep(targets_);
    changed_.cancel();
}

void Notifier::send(const notify::Message& message) {
    bool any = false;
    for (const auto& target : targets_) {
        if (!notify::wants(target, message.event)) continue;
        outbox_.add(target, message, clock_.now());
        any = true;
    }
    if (!any) return;
    save();
    changed_.cancel();
}

void Notifier::update(const Health& health, const History& history, const config::Alerts& alerts,
                      bool may_heal) {
    const auto now = clock_.now();
    const auto reasons = reasons_of(health, history, alerts, now);
    bool changed = false;
    for (const auto& target : targets_) {
        if (!notify::wants(target, notify::NotifyEvent::unhealthy) &&
            !notify::wants(target, notify::NotifyEvent::recovery))
            continue;
        const auto news = notify::health_news(outbox_.told(target.name), reasons, may_heal, now);
        if (!news) continue;
        changed = true;
        if (notify::wants(target, news->event))
            outbox_.add(target, message_of(*news, health, history, now, instance_), now);
    }
    if (!changed) return;
    save();
    changed_.cancel();
}

async::Task<> Notifier::keep() {
    for (;;) {
        start_due();
        // The end of what is being sent cancels the wait.
        std::vector<std::string> busy;
        for (const auto& [name, sender] : senders_)
            if (sender->job.running()) busy.push_back(name);
        auto pause = longest_sleep;
        if (const auto next = outbox_.next(std::move(busy)))
            pause = std::clamp<std::chrono::nanoseconds>(*next - clock_.now(), shortest_sleep,
                                                         longest_sleep);
        co_await async::sleep_on(changed_, pause);
    }
}

bool Notifier::busy() const {
    const auto sends = [](const auto& entry) { return entry.second->job.running(); };
    const auto is_due = [this](const NotifyTarget& target) {
        return outbox_.due(target.name, clock_.now()).has_value();
    };
    return std::ranges::any_of(senders_, sends) || std::ranges::any_of(targets_, is_due);
}

void Notifier::stop() {
    stopping_ = true;
    for (auto& [name, sender] : senders_) sender->job.cancel();
    test_job_.cancel();
}

void Notifier::start_due() {
    if (stopping_) return;
    for (const auto& target : targets_) {
        const auto sender = senders_.find(target.name);
        if (sender != senders_.end() && sender->second->job.running()) continue;
        if (auto letter = outbox_.due(target.name, clock_.now())) begin(target, *letter);
    }
}

void Notifier::begin(const NotifyTarget& target, Letter letter) {
    try {
        auto& sender = senders_[target.name];
        if (!sender) sender = std::make_unique<Sender>();
        const auto id = letter.id;
        auto task = deliver_on(sender->pool, target, std::move(letter));
        sender->job = async::Job<>(loop_.get_executor(), std::move(task),
                                   [this, name = target.name, id](std::exception_ptr failure) {
                                       ended(name, id, std::move(failure));
                                   });
    } catch (const std::exception& error) {
        log_->warn("target={} cannot be notified: {}, will retry", target.name, error.what());
        outbox_.failed(letter.id, clock_.now());
    }
}

void Notifier::ended(const std::string& target, std::uint64_t id, std::exception_ptr failure) {
    auto& problem = senders_.at(target)->problem;
    if (!failure) {
        if (!problem.empty()) log_->info("target={} can be notified again", target);
        problem.clear();
        outbox_.sent(id);
    } else {
        if (stopping_) return;  // the letter stays queued
        const auto text = describe(failure);
        const bool dropped = outbox_.failed(id, clock_.now());
        if (dropped)
            log_->error("target={} {}; the message is dropped, because it is a day old", target,
                        text);
        else if (text != problem)
            log_->warn("target={} {}, will retry", target, text);
        problem = text;
    }
    save();
    changed_.cancel();
}

void Notifier::save() {
    try {
        outbox_.write(file_);
    } catch (const std::exception& error) {
        log_->warn("{}, so a restart may lose notifications, ignoring", error.what());
    }
}

std::string Notifier::test(const std::string& target) {
    if (test_job_.running())
        throw Error(Errc::busy, "a test of notifications is in progress", "it ends within minutes");
    auto targets = targets_called(targets_, target);
    test_ = {.id = to_iso8601(clock_.now())};
    test_job_ = async::Job<>(loop_.get_executor(), run_test(std::move(targets)),
                             [this](std::exception_ptr) { test_.done = true; });
    return test_.id;
}

async::Task<> Notifier::run_test(std::vector<NotifyTarget> targets) {
    for (const auto& target : targets) {
        auto work = [target, now = clock_.now(), instance = instance_](std::stop_token stop) {
            return test_targets({target}, now, instance, std::move(stop));
        };
        auto results = co_await async::run_blocking(test_pool_, std::move(work));
        test_.results.push_back(std::move(results.front()));
    }
}

std::vector<NotifyTarget> targets_called(const std::vector<NotifyTarget>& targets,
                                         const std::string& name) {
    auto found = targets;
    if (!name.empty())
        std::erase_if(found, [&](const NotifyTarget& target) { return target.name != name; });
    if (found.empty() && name.empty())
        throw Error(Errc::usage, "no target is configured",
                    "add one under 'notify:' in mastobak.yaml, then: systemctl reload mastobak");
    if (found.empty())
        throw Error(Errc::usage, fmt::format("there is no target '{}'", name),
                    "the names are those of `notify:` in the configuration");
    return found;
}

std::vector<NotifyResult> test_targets(const std::vector<NotifyTarget>& targets, Timestamp now,
                                       const Instance& instance, std::stop_token stop) {
    std::vector<NotifyResult> results;
    for (const auto& target : targets) {
        auto& result = results.emplace_back();
        result.target = target.name;
        result.type = notify::to_string(target.type);
        try {
            for (const auto& message : test_messages(target, now, instance)) {
                notify::deliver(target, message, stop);
                result.sent.emplace_back(notify::to_string(message.event));
            }
        } catch (const std::exception&) {
            const auto error = as_error(std::current_exception());
            if (error.code() == Errc::cancelled) throw error;
            result.error = error.text();
            result.hint = error.hint();
        }
    }
    return results;
}

}  // namespace mastobak::daemon
