// SPDX-License-Identifier: GPL-3.0-or-later
#include "night.hpp"

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <set>

#include "media/backup_tree.hpp"
#include "restore/source/verify_dump.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;
namespace asio = boost::asio;
namespace {

constexpr std::array all_units{"mastodon-web.service", "mastodon-streaming.service",
                               "mastodon-sidekiq.service"};
constexpr auto database = "mastodon_night";

constexpr auto secrets =
    R"(SECRET_KEY_BASE=6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a
OTP_SECRET=0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b
VAPID_PRIVATE_KEY=zGJJIRh9Uhkl9-3hLfO1lcoCh8DV0O_yErrOhJPkU6U=
VAPID_PUBLIC_KEY=BDrkeowhtIkV9978T97JqjerYl_LasQe6g-UFHuckXzObkvCPcRcNJ1zY1U3kO2d1mH1FWV3EDsFb0CsMKB_fe8=
ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY=3yLkZ0zVv7Qm1TtWc8Ns5RbXh2Jd9PfK
ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY=aR5tY7uI9oP1sD3fG5hJ7kL9zX1cV3bN
ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT=Gq4Mw6Ey8Ua1Ic3Oe5Zs7Nx9Rv2Bt0Lh
)";

std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory))
        names.push_back(entry.path().filename());
    return names;
}

}  // namespace

bool RecordingObserver::said(std::string_view text) const {
    for (const auto& message : messages)
        if (message.find(text) != std::string::npos) return true;
    return false;
}

Night::Night() {
    for (const auto* name : all_units) units.units[name] = {};
    const std::vector<std::string> idle{"sidekiq 7.3.9 live [0 of 25 busy]"};
    units.units["mastodon-sidekiq.service"] = {.processes = idle, .fresh_processes = idle};
    auto& server = PostgresServer::shared();
    server.create_mastodon(database);
    sql("INSERT INTO accounts (id, username, created_at, updated_at) "
        "SELECT i, 'user' || i, now(), now() FROM generate_series(1, 100) i");
    const auto live = directory / "live";
    write(live / ".env.production", std::string(secrets) +
                                        "DB_HOST=" + server.socket_directory().native() +
                                        "\nDB_NAME=" + database + "\nDB_USER=postgres\n");
    config.mastodon.directory = live;
    config.files.nginx.clear();
    config.staging.path = directory / "staging";
    config.staging.min_free = Bytes{0};
    config.state_directory = directory / "state";
    config.runtime_directory = directory / "run";
    fs::create_directories(config.runtime_directory);
    add_media("accounts/avatars/1/original/a.png", "an avatar");
    add_media("media_attachments/files/1/original/b.jpg", "a picture");
    add_media("cache/accounts/avatars/2/original/c.png", "somebody else's");
}

backup::Result Night::run() {
    asio::io_context loop(1);
    set_loop(&loop);
    stop_ = {};
    observer.steps.clear();
    backup::Run run({units, pool_, clock_, observer, journal}, config, stop_.get_token());
    std::exception_ptr failure;
    std::optional<backup::Result> result;
    asio::co_spawn(
        loop, run.execute(),
        asio::bind_cancellation_slot(cancel_.slot(), [&](std::exception_ptr e, backup::Result r) {
            failure = e;
            if (!e) result.emplace(std::move(r));
        }));
    loop.run();
    set_loop(nullptr);
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

Error Night::fails() {
    try {
        run();
    } catch (...) {
        return as_error(std::current_exception());
    }
    FAIL("the run did not fail");
    return Error(Errc::internal, "");
}

void Night::cancel() {
    stop_.request_stop();
    cancel_.emit(asio::cancellation_type::terminal);
}

void Night::cancel_from_elsewhere() {
    const std::lock_guard lock(loop_mutex_);
    if (loop_) asio::post(*loop_, [this] { cancel(); });
}

void Night::set_loop(asio::io_context* loop) {
    const std::lock_guard lock(loop_mutex_);
    loop_ = loop;
}

void Night::add_media(const std::string& path, const std::string& contents) const {
    write(directory / ("live/public/system/" + path), contents);
}

std::string Night::sql(const std::string& statement) const {
    return PostgresServer::shared().psql(database, statement);
}

std::vector<std::string> Night::leftovers() const {
    const store::Staging staging(config.staging.path);
    if (!fs::exists(staging.root())) return {};
    auto left = names_in(staging.partial());
    std::set<std::string> used;
    for (const auto& set : staging.list())
        for (const auto& pack : staging.manifest(set).media.packs) used.insert(pack.name);
    for (const auto& pack : names_in(staging.media()))
        if (!used.contains(pack)) left.push_back(pack);
    return left;
}

std::vector<std::string> Night::damage() const {
    const store::Staging staging(config.staging.path);
    std::vector<std::string> all;
    for (const auto& set : staging.list())
        for (const auto& problem :
             store::verify(staging, set, restore::verify_members, {}).problems)
            all.push_back(set + ": " + problem);
    return all;
}

bool Night::mastodon_runs() const {
    return units.active().size() == all_units.size() &&
           !fs::exists(config.runtime_directory / "stopped-units");
}

}  // namespace mastobak::test
