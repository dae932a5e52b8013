// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/exec/pg_restore.hpp"

#include <fmt/format.h>

#include <string_view>

#include "containers/exec/program.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace mastobak::containers {
namespace {

constexpr std::string_view jobs_option = "--jobs=", list_option = "--use-list=",
                           role_option = "--role=", exit_option = "--exit-on-error",
                           privileges_option = "--no-privileges", file_mark = "--";
constexpr unsigned most_jobs = 64;

// pg_restore needs --dbname, whose connection string would have to escape a database's name. In this
// one, the name is missing, and so that of PGDATABASE is used, which is never parsed.
// Source: libpq, PQconnectdbParams
Program program_of(const PgRestore& restore) {
    Program program{.argv = {"pg_restore", "--no-password", "--no-owner", "--no-tablespaces",
                             "--no-security-labels", "--no-subscriptions", "--verbose",
                             "--dbname=application_name='mastobak restore'",
                             fmt::format("{}{}", jobs_option, restore.jobs),
                             std::string(list_option) + restore.list}};
    if (restore.exit_on_error) program.argv.emplace_back(exit_option);
    if (restore.no_privileges) program.argv.emplace_back(privileges_option);
    if (!restore.role.empty()) program.argv.push_back(std::string(role_option) + restore.role);
    program.argv.emplace_back(file_mark);
    program.argv.push_back(restore.dump);
    program.environment = {"LC_ALL=C",
                           "PGHOSTADDR=",
                           "PGHOST=" + restore.sockets,
                           "PGPORT=5432",
                           "PGDATABASE=" + restore.database,
                           "PGUSER=" + restore.user,
                           "PGPASSWORD=" + restore.password,
                           "PGOPTIONS=" + restore.session_options};
    program.user = restore.reader;
    return program;
}

bool is_text(std::string_view text, std::size_t longest) {
    return !text.empty() && is_plain(text, longest);
}

/// "997:995"
bool is_reader(std::string_view text) {
    constexpr std::size_t longest = 21;
    const auto colon = text.find(':');
    return text.size() <= longest && colon != text.npos && colon > 0 && colon + 1 < text.size() &&
           text.find_first_not_of("0123456789:") == text.npos &&
           text.find(':', colon + 1) == text.npos;
}

bool may_be_restored(const PgRestore& restore) {
    constexpr std::size_t longest_name = 63, longest_password = 512, longest_options = 1024;
    return is_reader(restore.reader) && is_plain_path(restore.sockets) &&
           is_plain_path(restore.dump) && is_plain_path(restore.list) &&
           is_text(restore.database, longest_name) && is_text(restore.user, longest_name) &&
           is_text(restore.password, longest_password) &&
           (restore.role.empty() || is_text(restore.role, longest_name)) &&
           (restore.session_options.empty() || is_text(restore.session_options, longest_options)) &&
           restore.jobs > 0 && restore.jobs <= most_jobs;
}

/// Reads what it knows. The caller compares the rest.
PgRestore read_pg_restore(const Json& body) {
    PgRestore restore;
    if (body.contains("User") && body["User"].is_string()) restore.reader = body["User"];
    const auto words = words_of(body);
    for (const auto& word : words) {
        const std::string_view text = word;
        if (text.starts_with(jobs_option))
            restore.jobs = leading_number<decltype(restore.jobs)>(text.substr(jobs_option.size()));
        if (text.starts_with(list_option)) restore.list = text.substr(list_option.size());
        if (text.starts_with(role_option)) restore.role = text.substr(role_option.size());
        if (text == exit_option) restore.exit_on_error = true;
        if (text == privileges_option) restore.no_privileges = true;
    }
    if (!words.empty()) restore.dump = words.back();
    auto variables = variables_of(body);
    restore.sockets = variables["PGHOST"];
    restore.database = variables["PGDATABASE"];
    restore.user = variables["PGUSER"];
    restore.password = variables["PGPASSWORD"];
    restore.session_options = variables["PGOPTIONS"];
    return restore;
}

}  // namespace

std::string exec_body(const PgRestore& restore) {
    if (!may_be_restored(restore))
        throw Error(Errc::database,
                    fmt::format("the restore of the database '{}' has a value that pg_restore in a "
                                "container cannot get: it is empty, too long, or has control "
                                "characters",
                                restore.database));
    try {
        return exec_body(program_of(restore));
    } catch (const Json::exception&) {
        throw Error(Errc::database,
                    "the restore of the database has a value that is not UTF-8, which pg_restore "
                    "in a container cannot get");
    }
}

std::optional<PgRestore> parse_pg_restore(const std::string& body) {
    const auto json = Json::parse(body, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    auto restore = read_pg_restore(json);
    // What the helper makes of the values has to be what the client has sent, so that nothing else
    // is in it.
    if (!may_be_restored(restore) || Json::parse(exec_body(program_of(restore))) != json)
        return std::nullopt;
    return restore;
}

}  // namespace mastobak::containers
