// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/restore_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"
#include "mastodon/blank_remote.hpp"
#include "mastodon/database_settings.hpp"
#include "media/index/index_reader.hpp"
#include "postgres/contents/contents_file.hpp"
#include "postgres/role.hpp"
#include "restore/drill/drill_secrets.hpp"
#include "restore/source/checked_files.hpp"
#include "restore/source/decompress.hpp"
#include "restore/tree/open_target.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

double share(std::uint64_t done, std::uint64_t of) {
    return of == 0 ? -1 : std::min(1.0, static_cast<double>(done) / static_cast<double>(of));
}

/// Several schemas may have tables of one name. The table in `public` counts, else the one in the
/// first schema, as in a backup.
mastodon::Tables tables_of(postgres::Connection& database) {
    mastodon::Tables tables;
    for (const auto& row : database.query(
             "SELECT c.relname, format('%I.%I', n.nspname, c.relname), a.attname "
             "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
             "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
             "WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' "
             "AND n.nspname !~ '^pg_' ORDER BY n.nspname <> 'public', n.nspname")) {
        auto& table = tables[row[0].value_or("")];
        if (table.sql.empty()) table.sql = row[1].value_or("");
        if (table.sql == row[1]) table.columns.insert(row[2].value_or(""));
    }
    return tables;
}

/// Returns the owner of most of the first media in the index: Mastodon's user in the set.
std::optional<std::pair<uid_t, gid_t>> usual_owner(const media::IndexFiles& index,
                                                   const std::stop_token& stop) {
    constexpr std::uint64_t enough = 10'000;
    std::map<std::pair<uid_t, gid_t>, std::uint64_t> counts;
    media::IndexReader reader(index);
    for (std::uint64_t n = 0; n < enough; ++n) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const auto* entry = reader.next();
        if (!entry) break;
        ++counts[{entry->uid, entry->gid}];
    }
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](auto& a, auto& b) { return a.second < b.second; });
    if (most == counts.end()) return std::nullopt;
    return most->first;
}

/// \return the number of rows
std::uint64_t blank_remote(postgres::Connection& database) {
    std::uint64_t rows = 0;
    for (const auto& sql : mastodon::blank_remote_files(tables_of(database)))
        rows += std::stoull(
            database.value(fmt::format("WITH blanked AS ({} RETURNING 1) SELECT count(*) FROM "
                                       "blanked",
                                       sql)));
    return rows;
}

/// Removes the file in the destructor.
class ScratchFile {
 public:
    explicit ScratchFile(fs::path path) : path_(std::move(path)) {}
    ~ScratchFile() {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;
    const fs::path& path() const { return path_; }

 private:
    const fs::path path_;
};

class SetRestore {
 public:
    SetRestore(SetSource& source, const store::Manifest& manifest, const SetOptions& options,
               const OnSetProgress& progress, std::stop_token stop)
        : source_(source),
          manifest_(manifest),
          options_(options),
          progress_(progress),
          stop_(std::move(stop)) {}

    void prepare_dump() {
        if (!options_.database || fs::exists(dump_file())) return;
        drop_leftovers(*options_.database);  // their room may be what this dump needs
        decompress_dump(dump_file());
    }

    SetReport run() {
        if (options_.database) restore_the_database(*options_.database);
        if (options_.media) restore_the_media(*options_.media);
        if (options_.configuration) restore_the_configuration(*options_.configuration);
        report_.fetched = report_.fetched + source_.fetched();
        return std::move(report_);
    }

 private:
    void restore_the_database(const SetOptions::Database& wanted) {
        // The dump is removed before the media are restored, which may need its room.
        const ScratchFile dump(dump_file());
        prepare_dump();
        if (!wanted.server.system_user.empty())
            give_to_user(dump.path(), wanted.server.system_user);
        auto dumped = dumped_database(manifest_);
        const auto more = read_contents(dumped);
        const auto environment = environment_of_set();
        const auto instance = mastodon::database_settings(environment);
        if (!environment.empty()) report_.settings_in_set = instance;
        if (dumped.mastodon_role.empty()) dumped.mastodon_role = instance.user;
        auto options = restore_options(dump.path(), wanted);
        options.owner = postgres::owner_to_be(wanted.server, dumped, stop_);
        const auto kept = make_roles(wanted, {options.owner, dumped.mastodon_role}, instance);
        report_.database = postgres::restore_database(
            wanted.server, dumped, options,
            [this](const postgres::RestoreProgress& now) {
                tell("database", share(now.done, now.of), now.item);
            },
            stop_);
        auto& warnings = report_.database->warnings;
        warnings.insert(warnings.end(), kept.begin(), kept.end());
        warnings.insert(warnings.end(), more.begin(), more.end());
        if (!manifest_.database.settings.empty())
            report_.database->settings = manifest_.database.settings;
    }

    /// A damaged file of digests does not prevent restoring the dump.
    /// \return a warning when the values cannot be compared, although the set records their digests
    std::vector<std::string> read_contents(postgres::DumpedDatabase& dumped) {
        if (!find_artifact(manifest_, postgres::contents_name)) return {};
        try {
            dumped.contents = postgres::read_contents(fetch(postgres::contents_name), stop_);
            return {};
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            return {fmt::format("rows were only counted, their values were not compared: {}",
                                error.text())};
        }
    }

    /// \return warnings about existing roles, whose passwords may differ from the set's
    std::vector<std::string> make_roles(const SetOptions::Database& wanted,
                                        const std::set<std::string>& names,
                                        const mastodon::DatabaseSettings& instance) {
        std::vector<std::string> warnings;
        for (const auto& name : names) {
            if (name.empty()) continue;
            const auto password = instance.user == name ? instance.password : std::string();
            const auto made = postgres::make_role(wanted.server, name, password, stop_);
            if (made == postgres::RoleMade::made)
                report_.roles_made.push_back(name);
            else if (made == postgres::RoleMade::not_allowed)
                warnings.push_back(fmt::format(
                    "there is no role '{}', and role '{}' may not create it: if Mastodon will use "
                    "this database, set DB_USER and DB_PASS to those of '{}'",
                    readable(name), readable(wanted.server.user), readable(wanted.server.user)));
            else if (!password.empty())
                warnings.push_back(
                    fmt::format("role '{}' already existed and keeps its password; if Mastodon "
                                "cannot log in with the one in .env.production, change it "
                                "('\\password' in psql)",
                                readable(name)));
        }
        return warnings;
    }

    void drop_leftovers(const SetOptions::Database& wanted) {
        postgres::drop_abandoned(wanted.server, wanted.name, stop_);
    }

    postgres::RestoreOptions restore_options(const fs::path& dump,
                                             const SetOptions::Database& wanted) {
        postgres::RestoreOptions options{.dump = dump,
                                         .database = wanted.name,
                                         .replace = wanted.replace,
                                         .jobs = options_.jobs,
                                         .bin_directory = options_.bin_directory};
        if (wanted.blank_remote)
            options.adapt = [this](postgres::Connection& database) {
                tell("database", -1, "remote media");
                report_.rows_blanked = blank_remote(database);
            };
        return options;
    }

    fs::path dump_file() const { return options_.scratch / "database.dump"; }

    void decompress_dump(const fs::path& file) {
        make_directories(options_.scratch, 0711, Errc::environment);
        const auto size = manifest_.database.dump_uncompressed;
        // Checked before hours of fetching, and again when the fetched file has taken its room.
        check_room(source_.is_far() ? size + size_of_dump(manifest_) : size);
        const auto stored = fetch_dump(source_, manifest_, stop_, [this](const std::string& name) {
            tell("fetch", -1, name);
        });
        check_room(size);
        decompress(
            stored, file, size, {},
            [&](Bytes written) {
                tell("fetch", share(written.count, size.count), "database.dump");
            },
            stop_);
    }

    void check_room(Bytes needed) const {
        const auto free = free_space(options_.scratch, Errc::environment);
        if (free >= needed) return;
        throw Error(Errc::environment,
                    fmt::format("the dump needs {} in '{}', which has {} free", to_string(needed),
                                options_.scratch.native(), to_string(free)),
                    "make room there, or name another place for temporary files with TMPDIR");
    }

    /// Returns the set's settings, for the password of a role; empty when they cannot be read.
    mastodon::Environment environment_of_set() {
        try {
            return archived_environment(fetch(store::configuration_archive), stop_);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt && error.code() != Errc::config) throw;
            return {};
        }
    }

    /// Returns the owner that media get, if Mastodon's user has another number here than in the set
    /// and no other owner was requested.
    std::optional<Owner> owner_of_media(const media::IndexFiles& index,
                                        const SetOptions::Media& wanted,
                                        std::optional<std::pair<uid_t, gid_t>>& root_owner) {
        const auto usual = usual_owner(index, stop_);
        const auto here = wanted.owner ? wanted.owner : options_.mastodon;
        root_owner = here ? std::pair{here->user, here->group} : usual;
        if (wanted.owner || !usual || !here || usual->first == 0 ||
            (usual->first == here->user && usual->second == here->group))
            return wanted.owner;
        report_.replaced_owner = Owner{here->user, here->group, usual};
        return report_.replaced_owner;
    }

    void restore_the_media(const SetOptions::Media& wanted) {
        tell("fetch", -1, "index");
        const auto index = source_.index(manifest_, wanted.selection, stop_).file;
        const auto packs = source_.packs(stop_);
        std::optional<std::pair<uid_t, gid_t>> root_owner;
        const auto owner = owner_of_media(index, wanted, root_owner);
        report_.media = restore_media(
            {.index = index,
             .target = wanted.target,
             .scratch = options_.scratch / "lists",
             .selection = wanted.selection,
             .owner = owner,
             .root_owner = root_owner},
            *packs,
            [this](const MediaProgress& now) {
                tell("media", share(now.bytes.count, now.of_bytes.count),
                     fmt::format("{} of {} files", now.files, now.of_files));
            },
            stop_);
        report_.fetched = packs->fetched();
    }

    void restore_the_configuration(const SetOptions::Configuration& wanted) {
        const auto archive = fetch(store::configuration_archive);
        tell("configuration", -1, "");
        ConfigOptions options{.archive = archive, .target = wanted.target};
        options.owner = mastodon_in_set(archive);
        if (!wanted.in_place) {
            report_.configuration = restore_config(options, stop_);
            return;
        }
        const auto& may = wanted.may_be_in_place;
        ConfigOptions in_place = options;
        in_place.target = "/";
        in_place.in_place = true;
        in_place.keep_suffix = ".before-" + manifest_.set;
        in_place.wanted = may;
        report_.configuration = restore_config(in_place, stop_);
        const auto paths = list_config(archive, stop_);
        if (!may || std::all_of(paths.begin(), paths.end(), may)) return;
        options.wanted = [&may](const std::string& path) { return !may(path); };
        const auto beside = restore_config(options, stop_);
        report_.configuration->beside = beside.files;
        auto& problems = report_.configuration->problems;
        problems.insert(problems.end(), beside.problems.begin(), beside.problems.end());
    }

    /// Older sets have no names of users; in these the owner of `.env.production` is Mastodon's
    /// user.
    std::optional<Owner> mastodon_in_set(const fs::path& archive) {
        if (!options_.mastodon) return std::nullopt;
        const auto owner = owner_in_archive(archive, ".env.production", stop_);
        if (!owner || owner->first == 0) return std::nullopt;
        return Owner{options_.mastodon->user, options_.mastodon->group, owner};
    }

    fs::path fetch(const char* artifact) {
        tell("fetch", -1, artifact);
        return source_.artifact(manifest_, artifact, stop_);
    }

    void tell(const char* step, double fraction, std::string detail) const {
        if (progress_) progress_({step, fraction, std::move(detail)});
    }

    SetSource& source_;
    const store::Manifest& manifest_;
    const SetOptions& options_;
    const OnSetProgress& progress_;
    const std::stop_token stop_;
    SetReport report_;
};

}  // namespace

std::uint64_t SetReport::problems() const {
    return (media ? media->problem_count : 0) +
           (configuration ? configuration->problems.size() : 0);
}

void check_target(const store::Manifest& manifest, const SetOptions& options,
                  std::stop_token stop) {
    if (options.media) open_target(options.media->target, IfMissing::leave);
    std::error_code ignored;
    if (options.configuration &&
        fs::exists(fs::symlink_status(options.configuration->target, ignored)))
        open_private_target(options.configuration->target);
    if (!options.database) return;
    const auto& wanted = *options.database;
    postgres::check_before_restore(wanted.server, dumped_database(manifest),
                                   {.database = wanted.name,
                                    .replace = wanted.replace,
                                    .bin_directory = options.bin_directory},
                                   stop);
}

void prepare_dump(SetSource& source, const store::Manifest& manifest, const SetOptions& options,
                  const OnSetProgress& progress, std::stop_token stop) {
    SetRestore(source, manifest, options, progress, std::move(stop)).prepare_dump();
}

SetReport restore_set(SetSource& source, const store::Manifest& manifest, const SetOptions& options,
                      const OnSetProgress& progress, std::stop_token stop) {
    return SetRestore(source, manifest, options, progress, std::move(stop)).run();
}

}  // namespace mastobak::restore
