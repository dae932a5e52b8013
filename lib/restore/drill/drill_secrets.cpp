// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/drill_secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "archive/tar.hpp"
#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "mastodon/dotenv.hpp"
#include "mastodon/encrypted_values.hpp"
#include "postgres/rows.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_dotenvs = 20;
constexpr int largest_value = 64 * 1024;  ///< in bytes; a hostile row may have a gigabyte
constexpr int most_values = 20;           ///< for each column, the newest ones

/// Returns the rank of a dotenv file in the order of dotenv-rails: a file that comes earlier wins.
/// Any other file that a unit loads wins over all of them.
std::size_t rank_of(std::string_view name) {
    constexpr std::array<std::string_view, 4> names{".env.production.local", ".env.local",
                                                    ".env.production", ".env"};
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? 0 : 1 + static_cast<std::size_t>(found - names.begin());
}

std::string text_of(archive::TarReader& tar) {
    std::string text;
    for (auto block = tar.data(); !block.empty(); block = tar.data())
        text.append(reinterpret_cast<const char*>(block.data()), block.size());
    return text;
}

}  // namespace

mastodon::Environment archived_environment(const fs::path& archive, std::stop_token stop) {
    struct Dotenv {
        fs::path path;
        std::string text;
    };
    std::multimap<std::size_t, Dotenv> files;
    archive::ZstdDecompressor decompressor(archive::file_source(archive));
    const auto source = [&] {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        return decompressor.read();
    };
    archive::TarReader tar(source, stop);
    while (const auto member = tar.next()) {
        if (member->type != archive::Header::Type::file ||
            member->size > mastodon::largest_dotenv.count)
            continue;
        const fs::path path = member->path;
        const auto rank = rank_of(path.filename().native());
        auto text = text_of(tar);
        // A hostile archive may have any number of dotenv files.
        if (files.size() < most_dotenvs && (rank > 0 || text.find("SECRET_KEY_BASE=") != text.npos))
            files.emplace(rank, Dotenv{path, std::move(text)});
    }
    mastodon::Dotenv known;
    for (const auto& [rank, file] : files) mastodon::add_dotenv(file.text, file.path, known);
    return std::move(known.values);
}

std::vector<std::string> missing_of(const mastodon::Environment& environment,
                                    const std::string& schema_version) {
    // Only the restored database shows whether OTP_SECRET is needed: check_encryption checks that.
    return mastodon::missing_secrets(environment, mastodon::needs_encryption_keys(schema_version),
                                     false);
}

postgres::Check check_secrets(const mastodon::Environment& environment,
                              const std::vector<std::string>& missing) {
    postgres::Check check{.name = "secrets"};
    for (const auto& name : missing)
        postgres::add_problem(check, fmt::format("'{}' is missing", name));
    for (auto& problem : mastodon::malformed_secrets(environment))
        postgres::add_problem(check, std::move(problem));
    check.figure = fmt::format("among {} variables", environment.size());
    return check;
}

postgres::Check check_encryption(const postgres::Settings& database,
                                 const mastodon::Environment& environment, std::stop_token stop) {
    postgres::Check check{.name = "encryption"};
    const mastodon::EncryptionKeys keys(environment);
    postgres::Connection connection(database, stop);
    const std::stop_callback cancel(stop, [&] { connection.cancel(); });
    int opened = 0;
    for (const auto& [table, column] : mastodon::encrypted_columns()) {
        const auto name = postgres::table_named(connection, std::string(table));
        if (!postgres::columns_of(connection, name).contains(std::string(column))) continue;
        int locked = 0;
        for (const auto& row :
             connection.query(fmt::format("SELECT \"{1}\" FROM {0} WHERE octet_length(\"{1}\") <= "
                                          "{3} ORDER BY id DESC LIMIT {2}",
                                          name, column, most_values, largest_value))) {
            const auto outcome = keys.open(row.at(0).value());
            if (outcome == mastodon::EncryptionKeys::Outcome::opened) ++opened;
            if (outcome == mastodon::EncryptionKeys::Outcome::locked) ++locked;
        }
        if (locked > 0)
            postgres::add_problem(
                check, fmt::format("{} of '{}.{}' cannot be decrypted with the keys in the "
                                   "set's configuration",
                                   counted(locked, "value"), table, column));
    }
    if (mastodon::value_of(environment, "OTP_SECRET").empty() &&
        postgres::has_value(connection, "users", "encrypted_otp_secret"))
        postgres::add_problem(check,
                              "values of 'users.encrypted_otp_secret' need 'OTP_SECRET', which is "
                              "not in the set's configuration");
    check.figure = fmt::format("{} decrypted", counted(opened, "value"));
    if (opened == 0 && check.problem_count == 0) {
        check.verdict = postgres::Verdict::skipped;
        check.figure = "the database has no encrypted value";
    }
    return check;
}

}  // namespace mastobak::restore
