// SPDX-License-Identifier: GPL-3.0-or-later
//
// Resources of a run fail in the middle, at each of its steps.
#include <sys/mount.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <future>

#include "night.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/gate.hpp"

using namespace mastobak;
using test::Night;
using test::PostgresServer;
using Mode = config::ConsistencyMode;
namespace fs = std::filesystem;

namespace {

/// Calls the action when the step with this number begins.
void at_step(Night& night, std::size_t number, std::function<void()> action) {
    night.observer.on_step = [number, seen = std::size_t{0},
                              action = std::move(action)](const std::string&) mutable {
        if (seen++ == number) action();
    };
}

std::optional<Error> outcome(Night& night) {
    try {
        night.run();
        return std::nullopt;
    } catch (...) {
        return as_error(std::current_exception());
    }
}

void check_next_night(Night& night, std::size_t sets_before) {
    CHECK(night.mastodon_runs());
    CHECK(night.damage().empty());
    night.observer.on_step = nullptr;
    night.run();
    CHECK(night.sets().size() == sets_before + 1);
    CHECK(night.leftovers().empty());
}

/// A file system for staging, which can be filled up.
class Disk {
 public:
    explicit Disk(fs::path where) : where_(std::move(where)) {
        fs::create_directories(where_);
        REQUIRE(::mount("disk", where_.c_str(), "tmpfs", 0, "size=16m") == 0);
    }
    ~Disk() { ::umount2(where_.c_str(), MNT_DETACH); }

    void fill() const {
        std::ofstream filler(where_ / "filler", std::ios::app);
        const std::string page(4096, 'x');
        while (filler << page << std::flush) {
        }
    }
    void make_room() const { fs::remove(where_ / "filler"); }

 private:
    fs::path where_;
};

/// \param script bash script, which runs if the argument is not --version; $real is the real
/// pg_dump
void replace_pg_dump_by(Night& night, const std::string& script) {
    const auto bin = night.directory / "bin";
    const auto& real = PostgresServer::shared().bin();
    fs::create_directories(bin);
    fs::create_symlink(real / "pg_restore", bin / "pg_restore");
    test::write(bin / "pg_dump", "#!/bin/bash\nset -o pipefail\nreal=" + real.native() +
                                     "/pg_dump\n[[ $1 != --version ]] || exec $real --version\n"
                                     "# What preflight tries is not what fails here.\n"
                                     "[[ $* != *--schema-only* ]] || exec $real \"$@\"\n" +
                                     script + "\n");
    ::chmod((bin / "pg_dump").c_str(), 0755);
    night.config.database.bin_directory = bin;
}

}  // namespace

TEST_CASE("PostgreSQL that dies at any step is an error of the database") {
    Night night;
    night.run();
    const auto steps = night.observer.steps;
    for (std::size_t step = 0; step < steps.size(); ++step) {
        CAPTURE(step, steps[step]);
        const auto before = night.sets();
        at_step(night, step, [] { PostgresServer::shared().stop(); });
        const auto error = outcome(night);
        PostgresServer::shared().start();
        // The last steps do not need the database.
        if (error) {
            CAPTURE(error->what());
            CHECK(error->code() == Errc::database);
            CHECK_FALSE(error->hint().empty());
            CHECK(night.sets() == before);
            CHECK(night.leftovers().empty());
        } else {
            CHECK(night.sets().size() == before.size() + 1);
        }
        if (steps[step] == "snapshot" || steps[step] == "dump") CHECK(error);
        check_next_night(night, night.sets().size());
    }
}

TEST_CASE("PostgreSQL that dies in the middle of the dump is an error of the database") {
    Night night;
    night.sql(
        "INSERT INTO statuses (id, text, account_id, created_at, updated_at) SELECT n, "
        "md5(n::text), 1, now(), now() FROM generate_series(1, 20000) n");
    // The pipe is full, so pg_dump waits.
    const auto data = PostgresServer::shared().socket_directory() / "data";
    replace_pg_dump_by(night, "$real \"$@\" | { head -c 20000; cat \"${0%/*}/gate\"; cat; }");
    test::Gate gate(night.directory / "bin/gate");
    std::jthread killer([&] {
        pid_t postmaster = 0;
        std::ifstream(data / "postmaster.pid") >> postmaster;
        if (gate.is_reached()) ::kill(postmaster, SIGQUIT);
        gate.open();
    });
    const auto error = night.fails();
    killer.join();
    PostgresServer::shared().stop();
    PostgresServer::shared().start();
    CAPTURE(error.what());
    CHECK(error.code() == Errc::database);
    CHECK(error.text().find("pg_dump") != std::string::npos);
    CHECK(night.leftovers().empty());
    night.config.database.bin_directory.clear();
    check_next_night(night, 0);
}

TEST_CASE("a disk that is full from any step on is an error of staging") {
    Night night;
    const Disk disk(night.config.staging.path);
    night.run();
    const auto steps = night.observer.steps;
    for (std::size_t step = 0; step < steps.size(); ++step) {
        CAPTURE(step, steps[step]);
        const auto before = night.sets();
        // These files have to be written in the first pass and in the freeze.
        const auto name = "media_attachments/files/" + std::to_string(step) + "/original/";
        night.add_media(name + "a.jpg", std::string(100'000, 'a'));
        at_step(night, step, [&] {
            night.add_media(name + "b.jpg", std::string(100'000, 'b'));
            disk.fill();
        });
        const auto error = outcome(night);
        disk.make_room();
        if (error) {
            CAPTURE(error->what());
            CHECK(error->code() == Errc::staging);
            CHECK_FALSE(error->hint().empty());
            CHECK(error->text().find(night.config.staging.path.native()) != std::string::npos);
            CHECK(night.sets() == before);
            CHECK(night.leftovers().empty());
        }
        if (steps[step] == "dump" || steps[step] == "publish") CHECK(error);
        check_next_night(night, night.sets().size());
    }
}

TEST_CASE("a pg_dump that has written everything and exits with 1 has failed") {
    Night night;
    replace_pg_dump_by(night, "$real \"$@\"; echo 'pg_dump: error: out of luck' >&2; exit 1");
    const auto error = night.fails();
    CAPTURE(error.what());
    CHECK(error.code() == Errc::database);
    CHECK(error.text().find("out of luck") != std::string::npos);
    CHECK(night.leftovers().empty());
    night.config.database.bin_directory.clear();
    check_next_night(night, 0);
}

TEST_CASE("a pg_dump that hangs is ended by a cancellation, and Mastodon runs") {
    Night night;
    night.config.consistency.mode = GENERATE(Mode::quiesce, Mode::offline);
    replace_pg_dump_by(night, "cat \"${0%/*}/gate\"");
    test::Gate gate(night.directory / "bin/gate");
    std::jthread admin([&] {
        gate.is_reached();
        night.cancel_from_elsewhere();
    });
    CHECK(night.fails().code() == Errc::cancelled);
    CHECK(night.leftovers().empty());
    night.config.database.bin_directory.clear();
    check_next_night(night, 0);
}

// As with a disk that hangs: the thread waits in the kernel, and no signal ends it.
TEST_CASE("work that hangs in the freeze does not keep Mastodon down") {
    Night night;
    std::promise<void> goes_on;
    const auto disk = goes_on.get_future().share();
    std::atomic<bool> frozen = false;
    bool by_us = false;
    const bool cancelled = GENERATE(true, false);
    night.config.consistency.max_downtime = std::chrono::seconds(cancelled ? 300 : 1);
    night.observer.on_step = [&](const std::string& step) { frozen = step == "media"; };
    night.observer.on_progress = [&] {
        if (!frozen) return;
        if (cancelled) night.cancel_from_elsewhere();
        disk.wait_for(std::chrono::seconds(30));
    };
    night.observer.on_message = [&](const std::string& text) {
        if (by_us || text.find("running again") == std::string::npos) return;
        by_us = night.mastodon_runs();
        goes_on.set_value();
    };
    const auto error = night.fails();
    CHECK(by_us);
    CHECK(error.code() == (cancelled ? Errc::cancelled : Errc::units));
    CHECK(night.observer.said("a disk or a server hangs"));
    night.observer.on_progress = nullptr;
    night.observer.on_message = nullptr;
    check_next_night(night, 0);
}

TEST_CASE("a run whose set is there has succeeded, though it is cancelled at that moment") {
    Night night;
    std::jthread admin;
    night.observer.on_step = [&](const std::string& step) {
        if (step != "publish") return;
        admin = std::jthread([&night] {
            while (night.sets().empty()) std::this_thread::yield();
            night.cancel_from_elsewhere();
        });
    };
    const auto result = night.run();
    CHECK(night.sets() == std::vector{result.manifest.set});
    CHECK(night.damage().empty());
}
