// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "backup/run.hpp"
#include "core/clock.hpp"
#include "store/staging.hpp"
#include "support/fake_units.hpp"
#include "support/postgres_server.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// Records the reports of a run. A test can make the run fail, or cancel it, at a step.
class RecordingObserver final : public backup::Observer {
 public:
    std::function<void(const std::string& step)> on_step;
    std::function<void()> on_progress;  ///< called on the thread that works
    std::function<void(const std::string& text)> on_message;

    void step(std::string_view name) override {
        steps.emplace_back(name);
        if (on_step) on_step(steps.back());
    }
    void progress(double fraction, std::string_view) override {
        last_fraction = fraction;
        if (on_progress) on_progress();
    }
    void message(backup::Severity severity, std::string_view text) override {
        messages.emplace_back(text);
        if (on_message) on_message(messages.back());
        if (severity == backup::Severity::critical) critical.emplace_back(text);
    }
    bool said(std::string_view text) const;

    std::vector<std::string> steps;
    std::vector<std::string> messages;
    std::vector<std::string> critical;
    std::atomic<double> last_fraction = -1;
};

/// A small Mastodon (a checkout with media and secrets, a real database, and fake units), and
/// functions to back it up.
class Night {
 public:
    Night();

    backup::Result run();
    /// Runs a backup that has to fail, and returns its error. The test fails if the run does not.
    Error fails();
    /// Cancels the run, like SIGTERM.
    void cancel();
    /// Cancels the run from another thread, if run() is in progress.
    void cancel_from_elsewhere();

    void add_media(const std::string& path, const std::string& contents) const;
    std::string sql(const std::string& statement) const;

    std::vector<std::string> sets() const { return store::Staging(config.staging.path).list(); }
    /// Returns the names in partial/, and of packs that no set refers to.
    std::vector<std::string> leftovers() const;
    /// Returns the problems that the verification of all sets finds.
    std::vector<std::string> damage() const;
    bool mastodon_runs() const;

    TemporaryDirectory directory;
    config::Config config;
    FakeUnitControl units;
    RecordingObserver observer;
    media::ChangeJournal* journal = nullptr;  ///< the media's journal; null: runs walk the tree

 private:
    void set_loop(boost::asio::io_context* loop);

    SystemClock clock_;
    boost::asio::thread_pool pool_{2};
    boost::asio::cancellation_signal cancel_;
    std::stop_source stop_;
    std::mutex loop_mutex_;
    boost::asio::io_context* loop_ = nullptr;  ///< the loop of the run in progress
};

}  // namespace mastobak::test
