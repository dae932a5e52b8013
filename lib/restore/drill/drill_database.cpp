// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/drill_database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "containers/drill_container.hpp"
#include "core/text.hpp"
#include "restore/source/checked_files.hpp"
#include "restore/source/decompress.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

constexpr auto database_name = "drill";
/// The superuser of the throwaway server, which does not own what is restored.
constexpr auto superuser = "postgres";
/// The owner, if the dump's owner is not known or was a superuser.
constexpr auto default_owner = "mastodon";

/// A server that cannot write its WAL reports that only in its own log, which is removed with it.
constexpr auto full_hint = "the disk that drills restore to was full";

bool is_full(const fs::path& directory) {
    constexpr std::uintmax_t log_segment = std::uintmax_t{16} << 20;
    std::error_code error;
    const auto space = fs::space(directory, error);
    return !error && space.available < log_segment;
}

double portion(std::uint64_t done, std::uint64_t of) {
    return of == 0 ? -1 : std::min(1.0, static_cast<double>(done) / static_cast<double>(of));
}

postgres::OnRestoreProgress as_steps(const OnDrillProgress& progress, const char* step) {
    if (!progress) return {};
    return [&progress, step](const postgres::RestoreProgress& now) {
        progress({step, portion(now.done, now.of), now.item.empty() ? now.step : now.item});
    };
}

/// Returns why this host's programs cannot drill a set; nullopt when they can.
std::optional<Error> what_host_lacks(const store::Manifest& manifest, const DrillOptions& options) {
    const auto major = postgres::major_of(manifest.database.server_version);
    try {
        postgres::check_scratch_server(major, options.bin_directory);
        postgres::find_restore_tools(major, postgres::major_of(manifest.database.pg_dump_version),
                                     options.bin_directory);
        return std::nullopt;
    } catch (const Error& error) {
        if (error.code() != Errc::environment) throw;
        return error;
    }
}

/// Starts the server in a container, if this host lacks PostgreSQL and has an image of it.
std::shared_ptr<const ImageServer> image_server(const store::Manifest& manifest,
                                                const DrillOptions& options,
                                                const std::stop_token& stop) {
    const auto& where = options.containers;
    const auto lacks = where.socket.empty() ? std::nullopt : what_host_lacks(manifest, options);
    if (!lacks) return nullptr;
    std::optional<std::string> image;
    try {
        image = image_for_drill(where, manifest.database.image, stop);
    } catch (const Error& error) {
        if (error.code() != Errc::units) throw;
        throw Error(lacks->code(), lacks->text() + "; and " + error.text(), lacks->hint());
    }
    if (!image)
        throw Error(lacks->code(), lacks->text(),
                    lacks->hint() + "; or " + containers::hint_of_image(where.service));
    return std::make_shared<const ImageServer>(where, *image, lacks->hint(), stop);
}

}  // namespace

postgres::ScratchOptions DrillDatabase::scratch_options(const store::Manifest& manifest,
                                                        const DrillOptions& options,
                                                        const fs::path& directory) {
    return {.as_unit = options.database_as_unit,
            .parent = directory,
            .major = postgres::major_of(manifest.database.server_version),
            .user = options.postgres_user,
            .bin_directory = options.bin_directory};
}

postgres::ScratchOptions DrillDatabase::with_image() const {
    auto options = scratch_options(manifest_, options_, directory_);
    options.elsewhere = image_;
    return options;
}

fs::path DrillDatabase::place(const DrillOptions& options) {
    return postgres::ScratchCluster::place(scratch_options({}, options, options.scratch));
}

DrillDatabase::DrillDatabase(const store::Manifest& manifest,
                             std::optional<postgres::Contents> contents,
                             const DrillOptions& options, const fs::path& directory,
                             std::stop_token stop)
    : manifest_(manifest),
      options_(options),
      directory_(directory),
      dumped_(dumped_database(manifest)),
      image_(image_server(manifest, options, stop)),
      cluster_(with_image(), stop) {
    const auto major = postgres::major_of(dumped_.server_version);
    const auto here = postgres::Connection(cluster_.settings(), stop).server_major();
    if (here < major)
        throw Error(
            Errc::environment,
            fmt::format("the dump is of PostgreSQL {}, and the one here is of version {}",
                        dumped_.server_version, here),
            fmt::format("install the package postgresql-{}, from apt.postgresql.org if this "
                        "release lacks it; no cluster of it has to run",
                        major));
    server_major_ = here;
    dumped_.contents = std::move(contents);
    if (dumped_.owner.empty() || dumped_.owner == superuser) dumped_.owner = dumped_.mastodon_role;
    if (dumped_.owner.empty() || dumped_.owner == superuser) dumped_.owner = default_owner;
    make_roles(stop);
}

void DrillDatabase::make_roles(const std::stop_token& stop) const {
    cluster_.add_role(dumped_.owner);
    postgres::Connection connection(cluster_.settings(), stop);
    const auto query = [&](const char* sql, const std::string& role) {
        connection.query(connection.value("SELECT format($1, $2::text)", {sql, role}));
    };
    // The owner's counts have to include rows that a policy hides, and no function of a policy may
    // run.
    query("ALTER ROLE %I BYPASSRLS", dumped_.owner);
    for (const auto& role : manifest_.database.roles) {
        if (role == dumped_.owner || role == superuser || role.starts_with("pg_")) continue;
        query("CREATE ROLE %I", role);
    }
}

bool DrillDatabase::restore(const dumps::StoredDump& dump, std::vector<postgres::Check>& checks,
                            const OnDrillProgress& progress, const std::stop_token& stop) {
    const auto began = std::chrono::steady_clock::now();
    postgres::Check check{.name = "restore"};
    const auto file = image_ ? image_->dump() : directory_ / "database.dump";
    std::vector<postgres::LeftOut> left_out;
    try {
        const auto size = manifest_.database.dump_uncompressed.count;
        decompress(
            dump, file, manifest_.database.dump_uncompressed, options_.min_free,
            [&](Bytes written) {
                if (progress) progress({"restore", portion(written.count, size), "dump"});
            },
            stop);
        const auto restored =
            postgres::restore_database(cluster_.settings(), dumped_,
                                       {.dump = file,
                                        .database = database_name,
                                        .compare = false,  // check() compares more
                                        .login = settings(),
                                        .prepare =
                                            [this](postgres::Connection& database) {
                                                postgres::provide_amcheck(database, dumped_.owner);
                                            },
                                        .grants = false,
                                        .jobs = options_.jobs,
                                        .bin_directory = options_.bin_directory,
                                        .tools = tools_of_image(stop)},
                                       as_steps(progress, "restore"), stop);
        check.figure =
            fmt::format("{}, {}", counted(restored.tables, "table"), counted(restored.rows, "row"));
        if (image_) check.figure += " (in " + image_in_words(image_->image()) + ")";
        comparison_ = restored.comparison;
        for (const auto& table : restored.tables_left_out) dumped_.rows.erase(table);
        left_out = restored.left_out;
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt && error.code() != Errc::database) throw;
        if (stop.stop_requested()) throw Error(Errc::cancelled, "the drill was cancelled");
        if (is_of_this_host(error))
            throw Error(Errc::environment, error.text(),
                        is_full(place(options_)) ? full_hint : error.hint());
        postgres::add_problem(check, error.text());
    }
    std::error_code ignored;
    fs::remove(file, ignored);  // the media need its room
    took_ = std::chrono::steady_clock::now() - began;
    const bool taken = check.verdict == postgres::Verdict::good;
    checks.push_back(std::move(check));
    if (!left_out.empty())
        checks.push_back(
            {.name = "left out",
             .verdict = postgres::Verdict::skipped,
             .figure = "the database's owner may not create these, the server does not "
                       "preload them, or a function that they call fails; a restore "
                       "lists them: " +
                       readable(postgres::names_of(left_out))});
    return taken;
}

bool DrillDatabase::is_of_this_host(const Error& error) const {
    // These are in the error when the disk was full, or when pg_restore was killed for its memory.
    for (const std::string_view words : {"No space left on device", "signal 9"})
        if (error.text().find(words) != std::string::npos) return true;
    try {
        postgres::Connection still_there(cluster_.settings());
    } catch (const Error&) {
        return true;
    }
    return false;
}

std::vector<postgres::Check> DrillDatabase::check(const OnDrillProgress& progress,
                                                  const std::stop_token& stop) const {
    auto checks = postgres::checks_of(comparison_);
    for (auto& check : postgres::check_database(settings(), dumped_, false, options_.jobs,
                                                as_steps(progress, "check"), stop))
        checks.push_back(std::move(check));
    return checks;
}

std::optional<postgres::Tools> DrillDatabase::tools_of_image(const std::stop_token& stop) const {
    if (!image_) return std::nullopt;
    auto tools = image_->tools(server_major_, stop);
    if (tools.major < postgres::major_of(dumped_.pg_dump_version))
        throw Error(
            Errc::environment,
            fmt::format("the dump was made by pg_dump {}, and pg_restore in {} is of version "
                        "{}",
                        dumped_.pg_dump_version, tools.place, tools.version));
    return tools;
}

postgres::Tools DrillDatabase::tools() const {
    return postgres::find_restore_tools(server_major_, postgres::major_of(dumped_.pg_dump_version),
                                        options_.bin_directory);
}

postgres::Settings DrillDatabase::settings() const {
    return cluster_.settings_of(dumped_.owner, database_name);
}

}  // namespace mastobak::restore
