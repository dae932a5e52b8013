// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/restore_plan.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "backup/plan.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "daemon/with_systemd.hpp"

namespace mastobak::daemon {
namespace fs = std::filesystem;

namespace {

bool is_all(const RestoreRequest& request) {
    return !request.database && !request.media && !request.config_files;
}

struct Facts {
    std::vector<units::Unit> units;
    mastodon::UnitFacts web;
};

async::Task<> look(units::UnitControl& control, std::vector<std::string> patterns, Facts& facts) {
    facts.units = co_await control.list(patterns);
    facts.web = co_await backup::unit_facts(control, facts.units);
}

bool is_this_host(const std::string& host) {
    return host.empty() || host.starts_with('/') || host == "localhost" || host == "127.0.0.1" ||
           host == "::1";
}

/// Where Mastodon says that its database is, or will be.
postgres::Settings mastodons_database(const config::Config& config, const RestoreHost& host) {
    return backup::database_settings(
        config, host.instance ? host.instance->environment : mastodon::Environment{});
}

/// Mastodon's own role makes no databases: on this host, the socket knows us as 'postgres'.
restore::SetOptions::Database database_part(const RestoreRequest& request,
                                            const postgres::Settings& own,
                                            const store::Manifest& manifest) {
    if (request.database_name == "latest" || parse_set_name(request.database_name))
        throw Error(Errc::usage,
                    fmt::format("'{}' is a set, not a database", request.database_name),
                    fmt::format("the set comes first: mastobak restore {} --database",
                                request.database_name));
    restore::SetOptions::Database part;
    part.name = request.database_name.empty() ? manifest.database.name : request.database_name;
    part.replace = request.replace;
    part.server = own;
    part.server.database = "postgres";
    if (!is_this_host(own.host)) return part;
    part.server = {.host = own.host.starts_with('/') ? own.host : "",
                   .port = own.port,
                   .database = "postgres",
                   .user = "postgres"};
    part.user = "postgres";
    return part;
}

restore::Owner owner_of(const std::string& user) {
    if (const auto* entry = ::getpwnam(user.c_str())) return {entry->pw_uid, entry->pw_gid};
    throw Error(Errc::usage, fmt::format("there is no user '{}' on this host", user),
                "install Mastodon first, or make the user: adduser --disabled-login " + user);
}

fs::path media_target(const RestoreRequest& request, const config::Config& config,
                      const RestoreHost& host, const store::Manifest& manifest) {
    if (!request.to.empty()) return fs::absolute(request.to) / "media";
    if (!config.media.path.empty()) return config.media.path;
    if (host.instance) return mastodon::media_root(*host.instance);
    if (!manifest.media.root.starts_with('/'))
        throw Error(Errc::usage, "the set does not say where its media were",
                    "--to names a directory");
    return manifest.media.root;
}

restore::SetOptions::Configuration configuration_part(const RestoreRequest& request,
                                                      const std::string& set) {
    if (request.in_place) return {"/", true};
    return {fs::absolute(request.to.empty() ? fs::path(set + "-config") : request.to / "config"),
            false};
}

}  // namespace

void refuse_contradictions(const RestoreRequest& request) {
    const bool all = is_all(request);
    const auto refuse = [](bool contradiction, const char* what, const char* hint) {
        if (contradiction) throw Error(Errc::usage, what, hint);
    };
    refuse(!request.before.empty() && request.set != "latest", "a set and --before name two sets",
           "leave one of them out");
    refuse(request.in_place && !(all || request.config_files),
           "--in-place is for configuration files, which are not restored",
           "add --config-files, or leave --in-place out");
    refuse(request.in_place && !request.to.empty(),
           "--in-place and --to name two places for the configuration", "leave one of them out");
    refuse(request.replace && !(all || request.database),
           "--replace is for a database, which is not restored",
           "add --database, or leave --replace out");
    refuse(request.repair.value_or(false) && !(all || request.database),
           "--repair-remote-media changes the restored database, and none is restored",
           "add --database, or leave it out");
    refuse(!request.owner.empty() && !(all || request.media),
           "--owner is for media, which are not restored", "add --media, or leave --owner out");
}

RestoreHost look_at_host(const config::Config& config) {
    RestoreHost host;
    Facts facts;
    try {
        with_systemd([&](units::UnitControl& control) {
            return look(control, config.mastodon.units, facts);
        });
    } catch (const Error&) {
        // No systemd: then there are no units either.
    }
    for (const auto& unit : facts.units)
        if (unit.active()) host.active_units.push_back(unit.name);
    try {
        host.instance =
            mastodon::find_instance(config.mastodon.directory, config.mastodon.env_file, facts.web);
    } catch (const Error&) {
        // A new machine has none yet.
    }
    return host;
}

RestorePlan plan_restore(const RestoreRequest& request, const config::Config& config,
                         const RestoreHost& host, ChosenSet& set) {
    const auto& manifest = set.manifest();
    const bool all = is_all(request);
    RestorePlan plan;
    plan.options.scratch = set.scratch() / "restore";
    plan.options.bin_directory = config.database.bin_directory;
    if (all || request.database) {
        const auto own = mastodons_database(config, host);
        auto part = database_part(request, own, manifest);
        plan.repair = request.repair.value_or(all && manifest.media.scope == "local");
        part.blank_remote = plan.repair;
        plan.lacks_remote_media = !plan.repair && manifest.media.scope == "local";
        plan.live = part.name == (host.instance ? own.database : manifest.database.name);
        plan.options.database = std::move(part);
        if (request.plan && ::geteuid() != 0)
            plan.notes.push_back("PostgreSQL is not asked what it would refuse: only root can");
    }
    if (all && manifest.media.elsewhere)
        plan.notes.push_back("the set was made without media (media.elsewhere)");
    else if (all || request.media) {
        set.require_media();
        restore::SetOptions::Media part;
        part.target = media_target(request, config, host, manifest);
        part.selection = restore::Selection(set.paths_of(request.media_paths));
        if (!request.owner.empty()) part.owner = owner_of(request.owner);
        plan.live = plan.live || request.to.empty();
        plan.options.media = std::move(part);
    }
    if (all || request.config_files)
        plan.options.configuration = configuration_part(request, manifest.set);
    return plan;
}

}  // namespace mastobak::daemon
