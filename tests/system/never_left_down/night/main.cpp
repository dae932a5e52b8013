// SPDX-License-Identifier: GPL-3.0-or-later
//
// Makes a backup on a throwaway host, like the daemon, with an event at one of its steps:
//
//   night CONFIG DIRECTORY [HOW STEP [CRIPPLED]]
//
//   DIRECTORY  gets files: steps (the names of the steps so far, one per line), said (the messages)
//              and error
//   HOW        fail: by an error; cancel: like SIGTERM; kill: by SIGKILL; hold: until DIRECTORY/go
//              exists
//   STEP       its number, from 0; if the backup has fewer steps, it succeeds
//   CRIPPLED   no-start, no-no-reply: switches off one of the safety nets
//
// Exit status: 0 success, 3 failure.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "backup/run.hpp"
#include "bus/connection.hpp"
#include "config/load.hpp"
#include "containers/units_and_containers.hpp"
#include "core/instance.hpp"
#include "crippled_control.hpp"

using namespace mastobak;
namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

struct Options {
    fs::path config;
    fs::path directory;
    std::string how{};
    std::size_t step = SIZE_MAX;
    std::string crippled{};
};

/// A backup, and the event.
class Night final : public backup::Observer {
 public:
    explicit Night(Options options)
        : options_(std::move(options)),
          steps_(options_.directory / "steps"),
          said_(options_.directory / "said") {
        control_.starts = options_.crippled != "no-start";
        control_.starts_no_reply = options_.crippled != "no-no-reply";
    }

    void run() {
        std::exception_ptr failure;
        {
            auto loaded = config::load(options_.config);
            for (const auto& problem : loaded.problems)
                throw Error(Errc::config, problem.to_string());
            backup::Run run({control_, pool_, clock_, *this}, std::move(loaded.config),
                            stop_.get_token());
            auto ended = [&](std::exception_ptr e, const backup::Result&) {
                failure = e;
                bus_.close();
            };
            asio::co_spawn(loop_, run.execute(),
                           asio::bind_cancellation_slot(cancel_.slot(), std::move(ended)));
            loop_.run();
        }
        if (failure) std::rethrow_exception(failure);
    }

    void step(std::string_view name) override {
        steps_ << name << std::endl;
        if (count_++ != options_.step) return;
        if (options_.how == "fail") throw Error(Errc::internal, "this step fails");
        if (options_.how == "cancel") cancel();
        if (options_.how == "kill") ::raise(SIGKILL);
        while (options_.how == "hold" && !fs::exists(options_.directory / "go"))
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    void progress(double, std::string_view) override {}
    void message(backup::Severity, std::string_view text) override {
        const std::lock_guard lock(mutex_);
        said_ << text << std::endl;
    }

 private:
    void cancel() {
        stop_.request_stop();
        asio::post(loop_, [this] { cancel_.emit(asio::cancellation_type::terminal); });
    }

    const Options options_;
    std::ofstream steps_;
    std::ofstream said_;
    std::mutex mutex_;
    std::size_t count_ = 0;
    SystemClock clock_;
    asio::io_context loop_{1};
    asio::thread_pool pool_{2};
    bus::Connection bus_{loop_};
    units::SystemdControl systemd_{bus_};
    containers::UnitsAndContainers all_{systemd_, Instance().containers_socket()};
    mastobak::test::CrippledControl control_{all_};
    asio::cancellation_signal cancel_;
    std::stop_source stop_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    Options options{argv[1], argv[2]};
    if (argc > 4) options.how = argv[3], options.step = std::strtoul(argv[4], nullptr, 10);
    if (argc > 5) options.crippled = argv[5];
    try {
        Night(options).run();
        return 0;
    } catch (const std::exception& e) {
        std::ofstream(options.directory / "error") << e.what();
        std::fprintf(stderr, "%s\n", e.what());
        return 3;
    }
}
