// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "async/run_blocking.hpp"
#include "backup/database/look_at_database.hpp"
#include "backup/instance_facts.hpp"
#include "backup/media/space_budget.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/lock_file.hpp"
#include "core/process/accounts.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"
#include "mastodon/media_paths.hpp"
#include "media/tree/media_root.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/pack_record.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> result;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (!line.empty()) result.push_back(std::move(line));
    return result;
}

async::Task<std::string> property(units::UnitControl& control, std::string unit, std::string name) {
    const auto value = co_await control.property(std::move(unit), std::move(name));
    co_return value.value_or("");
}

/// Returns the unit files and drop-ins of the units, which a restore needs.
async::Task<std::vector<fs::path>> unit_files(units::UnitControl& control,
                                              const std::vector<units::Unit>& units) {
    std::vector<fs::path> files;
    for (const auto& unit : units) {
        const auto fragment = co_await property(control, unit.name, "FragmentPath");
        const auto drop_ins = co_await property(control, unit.name, "DropInPaths");
        for (const auto& file : lines(fragment)) files.emplace_back(file);
        for (const auto& file : lines(drop_ins)) files.emplace_back(file);
    }
    co_return files;
}

/// Returns the files for the archive of configuration. A path in files.extra must exist. Unit files
/// and paths in files.nginx that do not exist are left out.
std::vector<fs::path> configuration_files(const config::Config& config,
                                          const mastodon::Instance& instance,
                                          const std::vector<fs::path>& of_units) {
    const ReadAnything raised;
    std::vector<fs::path> files = instance.env_files_read;
    const auto add_if_there = [&files](const std::vector<fs::path>& paths) {
        std::error_code ignored;
        for (const auto& path : paths)
            if (fs::exists(path, ignored)) files.push_back(path);
    };
    add_if_there(of_units);
    add_if_there(config.files.nginx);
    for (const auto& path : config.files.extra) {
        if (std::error_code ignored; !fs::exists(path, ignored))
            throw Error(Errc::environment, fmt::format("'{}' does not exist", path.native()),
                        "it is named in files.extra of the configuration");
        files.push_back(path);
    }
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    return files;
}

void check_media(const fs::path& root, const std::vector<uid_t>& owners,
                 const std::vector<std::string>& excluded) {
    const ReadAnything raised;
    const auto fd = media::open_root(root, owners);
    std::vector<std::string> directories;
    for (const auto& attachment : mastodon::attachments())
        directories.emplace_back(attachment.directory);
    media::check_links(fd.get(), directories, excluded);
}

/// Returns whether the dump and the media fit into staging together. If only the dump fits, the
/// media must be streamed to the remotes.
/// \param media size of the media to copy, as far as it is known
bool check_room(const config::Config& config, Bytes dump, Bytes media) {
    const auto room = look_for_room(config.staging);
    if (room.limit < dump) throw_no_room(config, room, dump, "the dump of the database needs");
    if (room.without(dump) >= media) return true;
    if (config.offsite.empty())
        throw_no_room(
            config, room, dump + media,
            fmt::format("{} of media and the dump of the database need", to_string(media)));
    return false;
}

/// Subtracts the unfinished packs of interrupted runs, whose files need not be copied again if
/// unchanged.
Bytes without_carried(Bytes media, const store::Staging& staging) {
    Bytes carried;
    for (const auto& pack : store::unfinished_packs(staging)) carried += pack.size;
    return {media > carried ? media.count - carried.count : 0};
}

/// If the index is damaged, all media is packed again once; continuing from it would damage every
/// later set.
void check_index(const store::StoredIndex& index, const store::Manifest& manifest) {
    const auto is_intact = [&](const fs::path& file, const store::Artifact* artifact) {
        return artifact != nullptr && sha256_of_file(file) == artifact->sha256;
    };
    const auto& base = manifest.media.index_base;
    const bool intact =
        is_intact(index.whole, base ? &*base : listed_artifact(manifest, store::whole_index)) &&
        (index.changes.empty() ||
         is_intact(index.changes, listed_artifact(manifest, store::index_changes)));
    if (!intact)
        throw Error(Errc::corrupt,
                    fmt::format("the media index of the set '{}' is damaged", manifest.set));
}

/// A restore cannot find a pack that is only at remotes which the configuration does not list any
/// more.
bool within_reach(const store::PackRecord* away, const config::Config& config) {
    return away &&
           std::any_of(config.offsite.begin(), config.offsite.end(), [&](const auto& entry) {
               return std::ranges::find(away->remotes, entry.name) != away->remotes.end();
           });
}

/// If polkit denies access to another user, this does not mean that it denies access to the daemon.
bool is_daemons_user(const config::Config& config) {
    struct stat state {};
    return ::stat(config.state_directory.c_str(), &state) != 0 || state.st_uid == ::geteuid();
}

Error no_units(const config::Config& config) {
    const auto patterns = fmt::format("{}", fmt::join(config.mastodon.units, ", "));
    if (config.mastodon.compose.used())
        return Error(Errc::units, "no container matches " + patterns,
                     "'docker compose ls' lists the projects, 'docker compose ps --all' their "
                     "containers; see mastodon.compose");
    return Error(Errc::units, "no loaded unit matches " + patterns,
                 "name Mastodon's units in mastodon.units, or use consistency: live");
}

std::vector<std::string> excluded_directories(const config::Media& media) {
    if (media.scope == config::MediaScope::all) return {};
    return {"cache", "backups"};
}

}  // namespace

units::Record record_of(const config::Config& config) {
    return units::Record(config.runtime_directory / "stopped-units",
                         config.state_directory / "stopped-containers");
}

fs::path units_lock_file(const config::Config& config) {
    return config.runtime_directory / "run.lock";
}

UniqueFd lock_units(const config::Config& config) {
    make_directories(config.runtime_directory, 0755, Errc::units);
    return lock_file(units_lock_file(config), "Mastodon's units", Errc::units);
}

bool run_is_killed(const config::Config& config) {
    return holder_is_killed(units_lock_file(config));
}

units::StopOptions stop_options(const config::Config& config) {
    const auto& mastodon = config.mastodon;
    units::StopOptions options;
    options.maintenance_file = config.consistency.maintenance_file;
    options.patterns = mastodon.units;
    options.stop_timeout = mastodon.stop_timeout;
    options.start_timeout = mastodon.start_timeout;
    options.start_attempts = mastodon.start_attempts;
    return options;
}

fs::path media_root(const config::Config& config, const mastodon::Instance& instance) {
    if (config.media.elsewhere) return {};
    if (!config.media.path.empty()) return config.media.path;
    if (const auto store = mastodon::object_store(instance.environment, instance.unknowns))
        throw Error(Errc::media,
                    fmt::format("the media is not on this disk: {} is set in '{}'", *store,
                                instance.env_file.native()),
                    "back it up by other means and say so with media.elsewhere: true, or name a "
                    "local copy with media.path");
    return mastodon::media_root(instance);
}

std::vector<uid_t> media_owners(const config::Config& config, const mastodon::Instance& instance) {
    // Root has mounted the media of containers, so its path does not come from Mastodon's user.
    if (!config.media.path.empty() || config.mastodon.compose.used()) return {};
    std::vector<uid_t> owners;
    const auto account = account_named(instance.user);
    if (account && account->user != 0) owners.push_back(account->user);
    const ReadAnything raised;
    struct stat settings {};
    // Root may own the settings of a Mastodon that runs as another user. lstat, because any user
    // can create a symlink to a file of another user.
    if (::lstat(instance.env_file.c_str(), &settings) == 0 &&
        (settings.st_uid != 0 || owners.empty()))
        owners.push_back(settings.st_uid);
    return owners;
}

void check_secrets(const config::Config& config, const mastodon::Instance& instance,
                   const postgres::DatabaseFacts& facts, bool otp_needed) {
    // Secrets that are set must be valid in any case; otherwise a drill reports them weeks later.
    const auto malformed = mastodon::malformed_secrets(instance.environment);
    if (!malformed.empty())
        throw Error(Errc::config,
                    fmt::format("'{}' has secrets that Mastodon cannot use: {}",
                                instance.env_file.native(), fmt::join(malformed, ", ")),
                    "compare them with the ones that Mastodon runs with");
    if (config.files.allow_missing_secrets) return;
    const auto missing = mastodon::missing_secrets(
        instance.environment, mastodon::needs_encryption_keys(facts.schema_version), otp_needed);
    if (missing.empty()) return;
    for (const auto& name : missing)
        if (const auto reason = instance.unknowns.find(name); reason != instance.unknowns.end())
            throw Error(Errc::config, reason->second + ": the backup would lack it",
                        "write its value there; or add the file that has it to files.extra and set "
                        "files.allow_missing_secrets: true");
    throw Error(Errc::config,
                fmt::format("'{}' lacks {}, without which a restored instance does not start or "
                            "loses its identity",
                            instance.env_file.native(), fmt::join(missing, ", ")),
                "if they come from somewhere else, add that file to files.extra and set "
                "files.allow_missing_secrets: true");
}

std::optional<PreviousMedia> previous_media(const config::Config& config, const fs::path& root,
                                            std::vector<std::string>& warnings) {
    const store::Staging staging(config.staging.path);
    const store::AwayPacks away(staging);
    auto sets = staging.list();
    std::reverse(sets.begin(), sets.end());
    for (const auto& set : sets) {
        try {
            const auto manifest = staging.manifest(set);
            if (manifest.media.elsewhere) continue;
            const auto& packs = manifest.media.packs;
            const bool whole = std::all_of(packs.begin(), packs.end(), [&](const auto& pack) {
                return store::is_here(staging, pack) || within_reach(away.find(pack), config);
            });
            if (manifest.media.root != root.native()) continue;
            if (!whole)
                throw Error(Errc::corrupt,
                            fmt::format("a pack of the set '{}' is missing or too short", set));
            std::vector<media::FollowedLink> links;
            for (const auto& [path, target] : manifest.media.followed_links)
                links.push_back({path, target});
            const auto index = staging.index(manifest);
            check_index(index, manifest);
            return PreviousMedia{.set = set,
                                 .index = {index.whole, index.changes},
                                 .index_sha256 = index.sha256,
                                 .index_base = manifest.media.index_base,
                                 .index_parts = index.parts,
                                 .packs = packs,
                                 .finished_at = manifest.finished_at,
                                 .excluded = manifest.media.excluded,
                                 .bytes = manifest.media.bytes,
                                 .excluded_bytes = manifest.media.excluded_bytes,
                                 .followed_links = std::move(links)};
        } catch (const Error& error) {
            // The set before it is used instead. Without any usable set, all media is packed again.
            warnings.push_back(
                fmt::format("{}: this run does not continue from it, ignoring; hint: "
                            "mastobak verify {}",
                            error.text(), set));
        }
    }
    return std::nullopt;
}

// The path appears in RESTORE.md and in messages.
void check_media_name(const fs::path& root) {
    const auto& name = root.native();
    if (std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) return;
    throw Error(
        Errc::media,
        fmt::format("the media directory '{}' has control characters in its name", readable(name)),
        "is that what PAPERCLIP_ROOT_PATH in .env.production should be? media.path in the "
        "configuration of mastobak has precedence");
}

async::Task<Plan> make_plan(const config::Config& config, units::UnitControl& control,
                            boost::asio::thread_pool& pool) {
    Plan plan;
    const auto patterns = config.mastodon.units;
    plan.units = co_await control.list(patterns);
    if (plan.units.empty() && config.consistency.mode != config::ConsistencyMode::live)
        throw no_units(config);
    if (config.consistency.mode != config::ConsistencyMode::live && is_daemons_user(config)) {
        // If only some of the units could be stopped, the outage would be useless.
        for (const auto& unit : plan.units)
            if (unit.active()) co_await control.check_may_control(unit.name);
    }
    const auto facts = co_await instance_facts(control, config, plan.units);
    const auto of_units = co_await unit_files(control, plan.units);

    auto look = [plan = std::move(plan), config, facts, of_units](std::stop_token stop) mutable {
        plan.instance = find_instance(config, facts);
        plan.media_root = media_root(config, plan.instance);
        plan.media_owners = media_owners(config, plan.instance);
        check_media_name(plan.media_root);
        plan.excluded = excluded_directories(config.media);
        if (!plan.media_root.empty())
            check_media(plan.media_root, plan.media_owners, plan.excluded);
        plan.files = configuration_files(config, plan.instance, of_units);
        look_at_database(config, facts.compose, plan, stop);
        store::Staging(config.staging.path).prepare();
        store::check_file_system(config.staging.path);
        Bytes media;  // size of the media to copy
        if (!plan.media_root.empty()) {
            plan.previous = previous_media(config, plan.media_root, plan.warnings);
            // On later nights the amount of new media is known only after the copy.
            if (!plan.previous) {
                const auto since = SystemClock().now() - std::chrono::days(7);
                plan.media = media::tree_size(plan.media_root, plan.excluded, since, stop);
                media = plan.media->packs;
            }
            plan.media_size = plan.previous ? plan.previous->bytes : media;
        }
        // The size on disk includes indexes and dead rows, and the dump is compressed: the dump of
        // a Mastodon database is well under half of it.
        plan.dump_size = {plan.facts.size.count / 2};
        media = without_carried(media, store::Staging(config.staging.path));
        plan.fits = check_room(config, plan.dump_size, media);
        return std::move(plan);
    };
    co_return co_await async::run_blocking(pool, std::move(look));
}

}  // namespace mastobak::backup
