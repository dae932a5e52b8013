// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/scratch/scratch_cluster.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <system_error>
#include <utility>

#include "core/clock.hpp"
#include "core/crypto/encoding.hpp"
#include "core/error.hpp"
#include "core/process/accounts.hpp"
#include "core/text.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {
namespace fs = std::filesystem;

namespace {

/// The time-out of a connection. The server works at idle priority, so it may answer late on a busy
/// host.
constexpr std::chrono::seconds patience{60};
/// As mastobak-drill@.service has.
constexpr std::chrono::seconds time_to_be_ready{180};

bool has_server(const fs::path& bin) {
    return ::access((bin / "initdb").c_str(), X_OK) == 0 &&
           ::access((bin / "postgres").c_str(), X_OK) == 0;
}

/// Returns the directory of initdb and postgres in the dumped server's version or the next newer
/// one that is installed.
fs::path server_programs(const ScratchOptions& options) {
    if (!options.bin_directory.empty() && has_server(options.bin_directory))
        return options.bin_directory;
    std::optional<std::pair<int, fs::path>> best;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
        const auto major = leading_number<int>(entry.path().filename().native());
        if (major < options.major || !has_server(entry.path() / "bin")) continue;
        if (!best || major < best->first) best.emplace(major, entry.path() / "bin");
    }
    if (best) return best->second;
    throw Error(
        Errc::environment,
        fmt::format("no PostgreSQL server of version {} or newer is installed", options.major),
        fmt::format("install the package postgresql-{}, from apt.postgresql.org if this release "
                    "lacks it; no cluster of it has to run",
                    options.major));
}

std::string name_of_our_user() {
    const auto user = account_of(::geteuid());
    if (!user)
        throw Error(Errc::environment,
                    fmt::format("the user {} has no name on this host", ::geteuid()));
    return user->name;
}

}  // namespace

void check_scratch_server(int major, const fs::path& bin_directory) {
    server_programs({.major = major, .bin_directory = bin_directory});
}

ScratchCluster::ScratchCluster(const ScratchOptions& options, std::stop_token stop)
    : password_(random_hex(24)),
      user_(options.as_unit || options.elsewhere || ::geteuid() == 0 ? options.user
                                                                     : name_of_our_user()),
      elsewhere_(options.elsewhere) {
    if (elsewhere_) {
        wait_until_ready(stop);
        return;
    }
    const auto bin = server_programs(options);
    if (options.as_unit)
        unit_.emplace(bin, std::move(stop));
    else
        server_.emplace(ScratchServerOptions{.bin_directory = bin,
                                             .parent = options.parent,
                                             .user = options.user,
                                             .trusted = {name_of_our_user()}},
                        std::move(stop));
}

fs::path ScratchCluster::place(const ScratchOptions& options) {
    return options.as_unit ? fs::path(ScratchUnit::data_directory) : options.parent;
}

fs::path ScratchCluster::socket_directory() const {
    if (elsewhere_) return elsewhere_->socket_directory();
    return unit_ ? unit_->socket_directory() : server_->socket_directory();
}

void ScratchCluster::wait_until_ready(const std::stop_token& stop) const {
    constexpr std::chrono::milliseconds pause{100};
    const auto deadline = std::chrono::steady_clock::now() + time_to_be_ready;
    for (;;) {
        try {
            const Connection answers(settings(), stop);
            return;
        } catch (const Error& error) {
            if (error.code() != Errc::database) throw;
            if (std::chrono::steady_clock::now() > deadline)
                throw Error(Errc::environment,
                            "the PostgreSQL of a drill does not start: " + error.text(),
                            error.hint());
        }
        elsewhere_->require_running();
        wait_or_stop(pause, stop);
    }
}

std::vector<std::string> ScratchCluster::wall() const {
    return server_ ? server_->wall() : std::vector<std::string>{};
}

Settings ScratchCluster::settings(const std::string& database) const {
    // The server's user could replace the socket by a symlink to that of another server.
    return {.host = socket_directory(),
            .database = database,
            .user = "postgres",
            .connect_timeout = patience,
            .parameters = {{"requirepeer", user_}}};
}

Settings ScratchCluster::settings_of(const std::string& role, const std::string& database) const {
    auto settings = this->settings(database);
    settings.user = role;
    settings.password = password_;
    return settings;
}

void ScratchCluster::add_role(const std::string& name) const {
    Connection connection(settings());
    // The text that encrypted() returns has no quotes.
    connection.query(fmt::format("CREATE ROLE {} LOGIN PASSWORD '{}'", sql_name(name),
                                 connection.encrypted(password_, name)));
}

}  // namespace mastobak::postgres
