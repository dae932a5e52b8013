// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/restores/restore_plan.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "backup/database/database_settings.hpp"
#include "backup/instance_facts.hpp"
#include "backup/plan.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/process/accounts.hpp"
#include "core/text.hpp"
#include "daemon/backups/with_systemd.hpp"
#include "daemon/restores/database_server.hpp"
#include "daemon/restores/in_place.hpp"
#include "mastodon/database_settings.hpp"
#include "restore/restore_config.hpp"

namespace mastobak::daemon {
namespace fs = std::filesystem;

namespace {

struct HostFacts {
    std::vector<units::Unit> units;
    backup::InstanceFacts instance;
};

async::Task<HostFacts> look(units::UnitControl& control, const config::Config& config) {
    HostFacts facts;
    const auto patterns = config.mastodon.units;
    facts.units = co_await control.list(patterns);
    facts.instance = co_await backup::instance_facts(control, config, facts.units);
    co_return facts;
}

/// Returns the settings of the database according to Mastodon's own configuration.
postgres::Settings mastodons_database(const config::Config& config, const RestoreHost& host) {
    auto instance = host.instance.value_or(mastodon::Instance{});
    // The restore connects as the server's superuser, so Mastodon's password is not needed.
    instance.unknowns.erase("DB_PASS");
    return backup::database_settings(config, instance);
}

/// Returns the server to restore into when no URL is given. Mastodon's own role cannot create
/// databases. On this host, the restore connects through the socket as 'postgres'.
postgres::Settings usual_server(const postgres::Settings& own) {
    if (is_this_host(own.host))
        return {.host = own.host.starts_with('/') ? own.host : "",
                .port = own.port,
                .database = "postgres",
                .user = "postgres",
                .system_user = "postgres"};
    auto server = own;
    server.database = "postgres";
    return server;
}

/// Returns empty settings if those of Mastodon are unknown or invalid.
postgres::Settings database_if_known(const config::Config& config, const RestoreHost& host) {
    if (!host.instance) return {};
    try {
        return mastodons_database(config, host);
    } catch (const Error&) {
        return {};
    }
}

struct DatabasePart {
    restore::SetOptions::Database options;
    bool in_use = false;  ///< Mastodon uses this database
};

DatabasePart database_part(const RestoreRequest& request, const config::Config& config,
                           const RestoreHost& host, const store::Manifest& manifest,
                           const std::stop_token& stop) {
    if (request.database_name == "latest" || parse_set_name(request.database_name))
        throw Error(Errc::usage,
                    fmt::format("'{}' is a set, not a database", request.database_name),
                    fmt::format("the set comes first: mastobak restore {} --database",
                                request.database_name));
    DatabasePart part;
    part.options.replace = request.replace;
    part.options.name = request.database_name;
    if (request.database_url.empty()) {
        const auto own = mastodons_database(config, host);
        if (part.options.name.empty()) part.options.name = manifest.database.name;
        part.options.server = usual_server(own);
        part.in_use = part.options.name == (host.instance ? own.database : manifest.database.name);
        return part;
    }
    auto url = backup::settings_of_url(request.database_url);
    if (part.options.name.empty()) part.options.name = url.database;
    if (part.options.name.empty()) part.options.name = manifest.database.name;
    const auto own = database_if_known(config, host);
    part.in_use = own.database == part.options.name && own.port == url.port &&
                  (own.host == url.host || (is_this_host(own.host) && is_this_host(url.host)));
    part.options.server =
        server_to_restore_into(std::move(url), request, own, part.options.name, stop);
    return part;
}

restore::Owner owner_of(const std::string& user) {
    if (const auto account = account_named(user)) return {account->user, account->group};
    throw Error(Errc::usage, fmt::format("there is no user '{}' on this host", user),
                "install Mastodon first, or create the user: adduser --disabled-login " + user);
}

/// Returns Mastodon's user; nullopt when this host has none.
std::optional<restore::Owner> mastodons_user(const RestoreHost& host) {
    const auto name = host.instance ? host.instance->user : std::string("mastodon");
    const auto account = account_named(name);
    if (!account || account->user == 0) return std::nullopt;
    return restore::Owner{account->user, account->group};
}

bool is_same_directory(const fs::path& a, const fs::path& b) {
    std::error_code no, ignored;
    return a.lexically_normal() == b.lexically_normal() || fs::equivalent(a, b, no) ||
           fs::weakly_canonical(a, ignored) == fs::weakly_canonical(b, ignored);
}

/// Refuses to restore media into a system directory: a user who can write to the place of the set
/// may have chosen the path.
void refuse_system_directory(const fs::path& target) {
    const auto below_root = fs::weakly_canonical(target).relative_path();
    const auto top = below_root.empty() ? fs::path("/") : *below_root.begin();
    for (const auto* system : {"etc", "usr", "bin", "sbin", "lib", "lib32", "lib64", "boot", "dev",
                               "proc", "root", "run", "sys"})
        if (top == system)
            throw Error(Errc::usage,
                        fmt::format("the set says that its media were in '{}', a directory of the "
                                    "system",
                                    readable(target.native())),
                        "name a directory with --to, or the right one in the configuration "
                        "(media.path)");
}

/// Returns the media directory from the configuration, which only root can change, or else from the
/// set. Mastodon's settings are in files of Mastodon's user, so they must not choose where root
/// writes. If they contradict, the user must decide.
fs::path media_target(const RestoreRequest& request, const config::Config& config,
                      const RestoreHost& host, const store::Manifest& manifest) {
    if (!request.to.empty()) return fs::absolute(request.to) / "media";
    const bool configured = !config.media.path.empty();
    if (!configured && !manifest.media.root.starts_with('/'))
        throw Error(Errc::usage, "the set does not say where its media were",
                    "name a directory with --to");
    fs::path target = configured ? config.media.path : fs::path(manifest.media.root);
    if (host.instance && !mastodon::object_store(host.instance->environment)) {
        const auto used = mastodon::media_root(*host.instance);
        if (!is_same_directory(used, target))
            throw Error(
                Errc::usage,
                fmt::format("{} says that media belong in '{}', but Mastodon's settings ('{}') say "
                            "'{}'",
                            configured ? "the configuration (media.path)" : "the set",
                            readable(target.native()), readable(host.instance->env_file.native()),
                            readable(used.native())),
                "--to DIR restores them to DIR/media; where Mastodon's settings are right, name "
                "that directory in the configuration (media.path)");
    } else if (!configured) {
        refuse_system_directory(target);
    }
    return target;
}

restore::SetOptions::Configuration configuration_part(const RestoreRequest& request,
                                                      const std::string& set) {
    return {fs::absolute(request.to.empty() ? fs::path(set + "-config") : request.to / "config"),
            request.in_place,
            {}};
}

/// Determines all files before the first is written.
void plan_in_place(const RestoreRequest& request, const config::Config& config,
                   const RestoreHost& host, ChosenSet& set, const std::stop_token& stop,
                   RestorePlan& plan) {
    auto may = belongs_to_mastodon(config, host.instance ? &*host.instance : nullptr);
    if (request.force) may = [](const std::string&) { return true; };
    const auto archive = set.source().artifact(set.manifest(), store::configuration_archive, stop);
    for (auto& path : restore::list_config(archive, stop))
        (may(path) ? plan.in_place : plan.beside).push_back("/" + path);
    plan.options.configuration->may_be_in_place = std::move(may);
}

/// Returns whether this host still has the remote media that the set lacks.
bool has_remote_media(const RestoreHost& host, const store::Manifest& manifest) {
    const auto root =
        host.instance ? mastodon::media_root(*host.instance) : fs::path(manifest.media.root);
    std::error_code ignored;
    return fs::exists(root / "cache", ignored) && !fs::is_empty(root / "cache", ignored);
}

/// Returns whether the request names no part, which means all parts.
bool names_no_part(const RestoreRequest& request) {
    return !request.database && !request.media && !request.config_files;
}

}  // namespace

bool is_everything(const RestoreRequest& request) {
    const bool each = request.database && request.media && request.config_files;
    return names_no_part(request) || (each && request.media_paths.empty());
}

void refuse_contradictions(const RestoreRequest& request) {
    const bool all = names_no_part(request);
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
    refuse(request.force && !request.in_place, "--force is for --in-place",
           "add --in-place, or leave --force out");
    refuse(request.replace && !(all || request.database),
           "--replace is for a database, which is not restored",
           "add --database, or leave --replace out");
    refuse(!request.to.empty() && !(all || request.media || request.config_files),
           "--to is for media and configuration files, which are not restored",
           "a database goes where its server is: leave --to out");
    refuse(!request.database_url.empty() && !(all || request.database),
           "--database-url is for a database, which is not restored",
           "add --database, or leave --database-url out");
    refuse(!request.passfile.empty() && request.database_url.empty(),
           "--passfile has the password for the server of --database-url, which is not given",
           "add --database-url postgresql://ROLE@HOST/DATABASE, or leave --passfile out");
    refuse(request.repair.has_value() && !(all || request.database),
           "--repair-remote-media is about the restored database, and none is restored",
           "add --database, or leave it out");
    refuse(!request.owner.empty() && !(all || request.media),
           "--owner is for media, which are not restored", "add --media, or leave --owner out");
}

RestoreHost look_at_host(const config::Config& config) {
    RestoreHost host;
    HostFacts facts;
    try {
        facts = with_systemd(config.instance,
                             [&](units::UnitControl& control) { return look(control, config); });
    } catch (const Error&) {
        // Without systemd, there are no units.
    }
    for (const auto& unit : facts.units)
        if (unit.active()) host.active_units.push_back(unit.name);
    try {
        host.instance = backup::find_instance(config, facts.instance);
    } catch (const Error&) {
        // A new machine has no Mastodon yet.
    }
    return host;
}

void compare_settings(const restore::SetReport& report, const RestoreHost& host,
                      RestorePlan& plan) {
    if (!plan.options.database) return;
    const bool from_set =
        !host.instance || (plan.options.configuration && plan.options.configuration->in_place);
    try {
        auto settings = report.settings_in_set;
        std::string whose = "the settings in the set ('.env.production')";
        if (!from_set) {
            settings =
                mastodon::database_settings(host.instance->environment, host.instance->unknowns);
            whose = fmt::format("Mastodon's settings ('{}')",
                                readable(host.instance->env_file.native()));
        }
        if (!settings) return;
        if (auto note = other_database(*settings, whose, *plan.options.database))
            plan.notes.push_back(std::move(*note));
    } catch (const Error&) {
        // Without Mastodon's settings, there is nothing to compare.
    }
}

RestorePlan plan_restore(const RestoreRequest& request, const config::Config& config,
                         const RestoreHost& host, ChosenSet& set, const std::stop_token& stop) {
    const auto& manifest = set.manifest();
    const bool all = names_no_part(request);
    constexpr std::size_t most_damaged_told = 100;
    RestorePlan plan;
    if (request.plan) plan.notes = set.damage().lines(most_damaged_told);
    plan.options.scratch = set.scratch() / "restore";
    plan.options.bin_directory = config.database.bin_directory;
    plan.options.mastodon = mastodons_user(host);
    if (all || request.database) {
        auto [part, in_use] = database_part(request, config, host, manifest, stop);
        plan.repair = request.repair.value_or(all && manifest.media.scope == "local");
        part.blank_remote = plan.repair;
        plan.lacks_remote_media =
            !plan.repair && manifest.media.scope == "local" && !has_remote_media(host, manifest);
        plan.live = plan.database_in_use = in_use;
        plan.options.database = std::move(part);
        if (request.plan && ::geteuid() != 0)
            plan.notes.push_back(
                "whether PostgreSQL would refuse something was not checked: only root can ask it");
    }
    if (all && manifest.media.elsewhere)
        plan.notes.push_back("the set was made without media (media.elsewhere)");
    else if (all || request.media) {
        set.require_media();
        restore::SetOptions::Media part;
        part.target = media_target(request, config, host, manifest);
        part.selection = restore::Selection(set.paths_of(request.media_paths));
        if (!request.owner.empty()) part.owner = owner_of(request.owner);
        // Single files can be restored while Mastodon runs.
        plan.live = plan.live || (request.to.empty() && part.selection.is_all());
        plan.options.media = std::move(part);
    }
    if (all || request.config_files) {
        plan.options.configuration = configuration_part(request, manifest.set);
        if (request.in_place) plan_in_place(request, config, host, set, stop, plan);
    }
    return plan;
}

}  // namespace mastobak::daemon
