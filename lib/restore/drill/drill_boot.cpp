// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/drill_boot.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "mastodon/boot_facts.hpp"
#include "media/index/index_reader.hpp"
#include "postgres/rows.hpp"
#include "restore/drill/boot.hpp"

namespace mastobak::restore {

namespace {

constexpr auto boot_media_root = "/mastobak-media";
constexpr std::string_view encryption_prefix = "ACTIVE_RECORD_ENCRYPTION_";
/// The settings of the set that Mastodon needs to start and to decrypt. None is an address of
/// another server.
constexpr std::array<std::string_view, 8> needed_settings{
    "SECRET_KEY_BASE", "OTP_SECRET", "VAPID_PRIVATE_KEY", "VAPID_PUBLIC_KEY",
    "LOCAL_DOMAIN",    "WEB_DOMAIN", "ALTERNATE_DOMAINS", "SINGLE_USER_MODE"};

mastodon::Environment boot_environment(const postgres::Settings& database,
                                       const BootOptions& options,
                                       const mastodon::Environment& secrets) {
    const auto home = options.directory.parent_path();
    const auto rbenv = (home / ".rbenv").native();
    mastodon::Environment environment{
        {"RAILS_ENV", "production"},
        {"NODE_ENV", "production"},
        {"DB_HOST", database.host},
        {"DB_PORT", std::to_string(database.port)},
        {"DB_NAME", database.database},
        {"DB_USER", database.user},
        {"DB_PASS", database.password},
        {"DB_POOL", "2"},
        {"PREPARED_STATEMENTS", "true"},
        // There is no Redis, so a class that needs it fails and writes nothing.
        {"REDIS_URL", "unix:///mastobak-has-no-redis"},
        {"PAPERCLIP_ROOT_PATH", boot_media_root},
        {"RAILS_LOG_TO_STDOUT", "enabled"},
        {"RAILS_LOG_LEVEL", "error"},
        {"BOOTSNAP_CACHE_DIR", "/tmp"},
        {"HOME", "/tmp"},
        {"RBENV_ROOT", rbenv},
        {"PATH", rbenv + "/shims:" + rbenv + "/bin:/usr/local/bin:/usr/bin:/bin"},
        {"LANG", "C.UTF-8"}};
    for (const auto& [name, value] : secrets)
        if (name.starts_with(encryption_prefix) ||
            std::find(needed_settings.begin(), needed_settings.end(), name) !=
                needed_settings.end())
            environment[name] = value;
    // Mastodon does not start without LOCAL_DOMAIN.
    environment.try_emplace("LOCAL_DOMAIN", "mastobak.invalid");
    return environment;
}

bool index_has_file(const media::IndexFiles& index, const std::string& path,
                    const std::stop_token& stop) {
    media::IndexReader reader(index);
    while (const auto* entry = reader.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (entry->path == path) return entry->type != media::EntryType::directory;
    }
    return false;
}

void compare_facts(const mastodon::BootFacts& facts, const postgres::Settings& database,
                   const store::Manifest& manifest, const media::IndexFiles& index,
                   postgres::Check& check, const std::stop_token& stop) {
    const auto rows = manifest.database.rows.find("public.accounts");
    if (rows != manifest.database.rows.end() &&
        facts.accounts != static_cast<std::uint64_t>(rows->second))
        postgres::add_problem(check, fmt::format("Mastodon finds {}, but the dump has {}",
                                                 counted(facts.accounts, "account"), rows->second));
    const auto local = "SELECT count(*)::text FROM public.accounts WHERE domain IS NULL AND id > 0";
    postgres::Connection connection(database, stop);
    const std::stop_callback cancel(stop, [&] { connection.cancel(); });
    if (facts.username.empty()) {
        if (connection.value(local) != "0")
            postgres::add_problem(check,
                                  "Mastodon finds no local account, but the database has some");
    } else if (connection.value(std::string(local) + " AND username = $1", {facts.username}) ==
               "0") {
        postgres::add_problem(check, fmt::format("Mastodon finds a local account '{}', which is "
                                                 "not in the database",
                                                 readable(facts.username)));
    }
    if (facts.key != "good" && facts.key != "none")
        postgres::add_problem(check, fmt::format("the keys of account '{}' do not work: {}",
                                                 readable(facts.username), readable(facts.key)));
    if (!facts.undecrypted.empty())
        postgres::add_problem(check, fmt::format("a value that Mastodon has encrypted cannot be "
                                                 "read: {}",
                                                 readable(facts.undecrypted)));
    const bool with_media = !facts.media_path.empty() && !index.empty();
    if (with_media && !index_has_file(index, facts.media_path, stop))
        postgres::add_problem(check,
                              fmt::format("the file of '{}', '{}', is not in the set",
                                          readable(facts.media_url), readable(facts.media_path)));
    check.figure = fmt::format("it finds {}", counted(facts.accounts, "account"));
    if (!facts.username.empty()) check.figure += ", @" + readable(facts.username);
    if (facts.key == "good") check.figure += " with its keys";
    if (facts.decrypted > 0) check.figure += ", " + counted(facts.decrypted, "decrypted value");
    if (with_media) check.figure += ", '" + readable(facts.media_path) + "'";
}

/// Returns the schema of Mastodon's tables if it is not `public`, otherwise an empty text.
std::string other_schema(const postgres::Settings& database, const std::stop_token& stop) {
    postgres::Connection connection(database, stop);
    const auto table = postgres::table_named(connection, "accounts");
    return table == "public.accounts" ? std::string() : table.substr(0, table.rfind('.'));
}

postgres::Check boot_skipped(std::string why) {
    return {.name = "mastodon", .verdict = postgres::Verdict::skipped, .figure = std::move(why)};
}

}  // namespace

postgres::Check check_boot(const DrillDatabase& database, const store::Manifest& manifest,
                           const BootOptions& options, const mastodon::Environment& secrets,
                           const media::IndexFiles& index, const std::stop_token& stop) {
    if (!options.why_not.empty()) return boot_skipped(options.why_not);
    if (const auto schema = other_schema(database.settings(), stop); !schema.empty())
        return boot_skipped(
            fmt::format("Mastodon's tables are in schema {}, which a setting of its role selects, "
                        "not one of the database",
                        readable(schema)));
    if (database.cluster().is_elsewhere())
        return boot_skipped(
            "the database is in a container, which Mastodon of this host does not reach");
    BootRequest request{options.command, boot_environment(database.settings(), options, secrets),
                        std::string(mastodon::boot_script())};
    const auto& cluster = database.cluster();
    BootAnswer answer;
    try {
        if (cluster.is_unit()) {
            request.places = boot_places(options.directory);
            answer = boot_as_unit(cluster.settings(), options.directory, request, stop);
        } else {
            if (::geteuid() != 0 || cluster.wall().empty())
                return boot_skipped(
                    "only systemd or root can start Mastodon as a user with fewer rights");
            auto before = cluster.wall();
            before.insert(before.end(), {"env", "--chdir=" + options.directory.native()});
            answer = run_boot(request, before, stop);
        }
    } catch (const Error& error) {
        if (error.code() != Errc::environment) throw;
        return boot_skipped(error.text());
    }
    if (!answer.problem.empty() && options.is_a_guess)
        return boot_skipped(fmt::format("Mastodon does not start here: {}; see drill.boot",
                                        readable(answer.problem)));
    postgres::Check check{.name = "mastodon"};
    try {
        // A program that reports its facts and then fails counts as failed.
        if (!answer.problem.empty())
            throw Error(Errc::corrupt,
                        fmt::format("Mastodon does not start with the restored database: {}",
                                    answer.problem));
        compare_facts(mastodon::parse_boot_facts(answer.output), database.settings(), manifest,
                      index, check, stop);
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        postgres::add_problem(check, error.text());
    }
    return check;
}

}  // namespace mastobak::restore
