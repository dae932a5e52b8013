// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/instance.hpp"

#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "core/crypto/decrypt.hpp"
#include "core/crypto/encoding.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/led.hpp"
#include "core/files/open.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"
#include "mastodon/dotenv.hpp"
#include "mastodon/unit_facts.hpp"

namespace mastobak::mastodon {
namespace fs = std::filesystem;
namespace {

/// How often to open a file that is replaced in the meantime.
constexpr int attempts = 5;

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

fs::path find_directory(const fs::path& configured, const fs::path& env_file,
                        const UnitFacts& unit) {
    if (!configured.empty()) {
        if (is_there(configured)) return configured;
        struct stat status {};
        if (::stat(configured.c_str(), &status) != 0 && errno == EACCES)
            throw errno_error(Errc::environment,
                              fmt::format("look at Mastodon's directory '{}'", configured.native()),
                              EACCES,
                              "mastobak can do that as root, or with CAP_DAC_READ_SEARCH, which "
                              "its unit gives it");
        throw Error(Errc::environment,
                    fmt::format("mastodon is not at '{}': no such directory", configured.native()),
                    "correct mastodon.directory");
    }
    if (!env_file.empty()) return env_file.parent_path();
    for (const fs::path& candidate : {unit.working_directory, fs::path("/home/mastodon/live"),
                                      fs::path("/opt/mastodon"), fs::path("/var/www/mastodon")})
        if (!candidate.empty() && is_there(candidate / ".env.production")) return candidate;
    throw Error(Errc::environment,
                "mastodon is not found: no '.env.production' in the working directory of "
                "'mastodon-web.service', '/home/mastodon/live' or '/opt/mastodon'",
                "set mastodon.directory");
}

/// Reads a file of secrets, which has mode 0600 and belongs to Mastodon's user.
std::string read_secrets(const fs::path& file) {
    try {
        for (int attempt = 0; attempt < attempts; ++attempt) {
            const auto opened = open_regular(file, Symlinks::follow, Errc::environment);
            if (is_led_fairly(opened.get(), fs::absolute(file), Errc::environment))
                return read_all(opened.get(), file, Errc::environment, largest_dotenv);
        }
        throw Error(Errc::environment,
                    fmt::format("'{}' was replaced while it was read", readable(file.native())),
                    "try again when its files no longer change");
    } catch (const Error& error) {
        if (!error.hint().empty()) throw;
        const bool denied = error.text().find("Permission denied") != std::string::npos ||
                            error.text().find("not permitted") != std::string::npos;
        throw Error(error.code(), error.text(),
                    denied ? "mastobak can read the files of other users as root, or with "
                             "CAP_DAC_READ_SEARCH, which its unit gives it; mastodon.env_file "
                             "names another file"
                           : "Mastodon reads this file as well; correct it, or name another one "
                             "with mastodon.env_file");
    }
}

/// Returns the major version of the gem with which Mastodon reads its dotenv files.
std::optional<unsigned> gem_in(const fs::path& directory) {
    const auto lock = directory / "Gemfile.lock";
    try {
        if (is_there(lock)) return gem_of_lock(read_secrets(lock));
    } catch (const Error&) {
        // A value whose meaning depends on the version is then reported as unknown.
    }
    return std::nullopt;
}

/// Adds the variables of a dotenv file. Known variables win, as in the gem.
void read_dotenv(const fs::path& file, std::optional<unsigned> gem, Instance& instance) {
    Dotenv known{std::move(instance.environment), std::move(instance.unknowns)};
    add_dotenv(read_secrets(file), file, known, gem);
    instance.environment = std::move(known.values);
    instance.unknowns = std::move(known.unknowns);
    instance.env_files_read.push_back(file);
}

/// Returns the files that match a path of EnvironmentFile=, which may be a pattern. A missing file
/// is not an error: systemd would not have started the unit without a file that it needs.
std::vector<fs::path> files_of(const fs::path& pattern) {
    std::vector<fs::path> files;
    glob_t found{};
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
        for (std::size_t i = 0; i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    return files;
}

Environment environment_of(const UnitFacts& unit, std::vector<fs::path>& files_read) {
    auto result = unit.environment;
    std::vector<fs::path> files;
    for (const auto& pattern : unit.environment_files)
        for (auto& file : files_of(pattern)) files.push_back(std::move(file));
    for (const auto& file : files) {
        for (auto& [name, value] : parse_environment_file(read_secrets(file)))
            result[name] = std::move(value);
        files_read.push_back(file);
    }
    return result;
}

// db/post_migrate/20240307180905_migrate_devise_two_factor_secrets.rb: the first migration that
// encrypts with the keys, on the way to 4.3. The last migration of 4.2 is from 2023.
constexpr std::string_view first_with_encryption = "20240307180905";

/// 'rails secret' makes 128 hexadecimal digits; secrets of other tools have half as many
/// characters, and letters among them.
constexpr std::size_t shortest_secret = 64;
// Guide "Active Record Encryption", 2.1 Setup: "the minimum lengths you should use are".
constexpr std::size_t shortest_key = 12, shortest_salt = 20;

bool has_blank(const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isspace(c) != 0 || std::iscntrl(c) != 0;
    });
}

}  // namespace

Instance find_instance(const fs::path& directory, const fs::path& env_file, const UnitFacts& unit) {
    const ReadAnything raised;
    Instance instance;
    instance.directory = find_directory(directory, env_file, unit);
    instance.env_file = env_file.empty() ? instance.directory / ".env.production" : env_file;
    instance.user = unit.user.empty() ? "mastodon" : unit.user;
    instance.environment = environment_of(unit, instance.env_files_read);
    if (!is_there(instance.env_file) && !instance.environment.contains("SECRET_KEY_BASE"))
        throw Error(
            Errc::environment,
            fmt::format("'{}' does not exist, or is not readable", instance.env_file.native()),
            "set mastodon.env_file, or mastodon.directory");
    // The order of dotenv-rails: a file that comes earlier wins.
    const std::array files{instance.directory / ".env.production.local",
                           instance.directory / ".env.local", instance.env_file,
                           instance.directory / ".env"};
    const auto gem = gem_in(instance.directory);
    for (const auto& file : files)
        if (is_there(file)) read_dotenv(file, gem, instance);
    return instance;
}

std::optional<unsigned> gem_of_lock(std::string_view text) {
    constexpr std::string_view mark = "\n    dotenv (";
    const auto at = text.find(mark);
    if (at == text.npos) return std::nullopt;
    text.remove_prefix(at + mark.size());
    unsigned major = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), major);
    if (error != std::errc() || end == text.data() + text.size() || *end != '.')
        return std::nullopt;
    return major;
}

fs::path media_root(const Instance& instance) {
    if (const auto reason = instance.unknowns.find("PAPERCLIP_ROOT_PATH");
        reason != instance.unknowns.end())
        throw Error(Errc::config, reason->second, "media.path says where the media is");
    auto path = value_of(instance.environment, "PAPERCLIP_ROOT_PATH");
    if (path.empty()) return instance.directory / "public/system";
    // Rails' own placeholder, as in ":rails_root/public/system".
    constexpr std::string_view rails_root = ":rails_root";
    if (path.starts_with(rails_root))
        path.replace(0, rails_root.size(), instance.directory.native());
    return (instance.directory / path).lexically_normal();
}

std::optional<std::string> object_store(const Environment& environment, const Unknowns& unknowns) {
    for (const auto* name : {"S3_ENABLED", "SWIFT_ENABLED", "AZURE_ENABLED"}) {
        if (const auto reason = unknowns.find(name); reason != unknowns.end())
            throw Error(Errc::config, reason->second,
                        "media.path says where the media is, media.elsewhere that it is backed up "
                        "by other means");
        if (value_of(environment, name) == "true") return name;
    }
    return std::nullopt;
}

std::string value_of(const Environment& environment, const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
}

std::vector<std::string> missing_secrets(const Environment& environment, bool encryption_needed,
                                         bool otp_needed) {
    std::vector<std::string> missing;
    const auto need = [&](const char* name) {
        if (value_of(environment, name).empty()) missing.emplace_back(name);
    };
    for (const auto* name : {"SECRET_KEY_BASE", "VAPID_PRIVATE_KEY", "VAPID_PUBLIC_KEY"})
        need(name);
    if (otp_needed) need("OTP_SECRET");
    if (!encryption_needed) return missing;
    for (const auto* name :
         {"ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY",
          "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT"})
        need(name);
    return missing;
}

bool needs_encryption_keys(const std::string& schema_version) {
    return schema_version >= first_with_encryption;
}

std::vector<std::string> malformed_secrets(const Environment& environment) {
    std::vector<std::string> problems;
    const auto at_least = [&](const char* name, std::size_t size) {
        const auto value = value_of(environment, name);
        if (value.empty()) return;
        if (has_blank(value))
            problems.push_back(fmt::format("'{}' has white space in it", name));
        else if (value.size() < size)
            problems.push_back(fmt::format("'{}' has {}, not {} or more", name,
                                           counted(value.size(), "character"), size));
    };
    at_least("SECRET_KEY_BASE", shortest_secret);
    at_least("OTP_SECRET", shortest_secret);
    at_least("ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", shortest_key);
    at_least("ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY", shortest_key);
    at_least("ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT", shortest_salt);

    const auto private_key = value_of(environment, "VAPID_PRIVATE_KEY");
    const auto public_key = value_of(environment, "VAPID_PUBLIC_KEY");
    if (private_key.empty() || public_key.empty()) return problems;
    const auto number = decode_base64(private_key);
    const auto point = decode_base64(public_key);
    // Ruby omits leading zeros of a number.
    if (!number || number->size() < 28 || number->size() > 32)
        problems.emplace_back("'VAPID_PRIVATE_KEY' is not 32 bytes in base64");
    else if (!point || point->size() != 65)
        problems.emplace_back("'VAPID_PUBLIC_KEY' is not 65 bytes in base64");
    else if (!is_p256_pair(*number, *point))
        problems.emplace_back("'VAPID_PUBLIC_KEY' does not belong to 'VAPID_PRIVATE_KEY'");
    return problems;
}

}  // namespace mastobak::mastodon
