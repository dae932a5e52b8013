// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/database_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/text.hpp"

namespace mastobak::mastodon {
namespace {

constexpr auto npos = std::string_view::npos;

/// Makes an error about a wrong value. The text never has the value, which may be a password.
Error bad(std::string_view name, std::string_view why) {
    return Error(Errc::config, fmt::format("'{}' is not usable: {}", name, why),
                 "correct it in .env.production; nothing but Mastodon's own database is dumped");
}

std::uint16_t port_of(std::string_view name, std::string_view text) {
    const auto port = parse_number<std::uint16_t>(text);
    if (port.value_or(0) == 0) throw bad(name, "the port is not a number from 1 to 65535");
    return *port;
}

std::string percent_decoded(std::string_view variable, std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        const auto hex = text.substr(i + 1, 2);
        const auto code = parse_number<unsigned char>(hex, 16);
        if (hex.size() != 2 || code.value_or(0) == 0)
            throw bad(variable, "a '%' is not followed by two hexadecimal digits");
        result += static_cast<char>(*code);
        i += 2;
    }
    return result;
}

/// Removes and returns the text before the mark; the whole text, if there is no mark.
std::string_view cut(std::string_view& text, char mark) {
    const auto at = std::min(text.find(mark), text.size());
    const auto head = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return head;
}

/// Returns whether Rails uses a parameter of the query itself and does not pass it to libpq.
/// Source: Rails, ActiveRecord::DatabaseConfigurations::HashConfig, PostgreSQLAdapter
bool is_of_rails(std::string_view name) {
    constexpr std::array names{"adapter",
                               "advisory_locks",
                               "automatic_reconnect",
                               "checkout_timeout",
                               "database_tasks",
                               "encoding",
                               "flags",
                               "idle_timeout",
                               "insert_returning",
                               "keepalive",
                               "max_age",
                               "max_connections",
                               "max_threads",
                               "migrations_paths",
                               "min_connections",
                               "min_messages",
                               "min_threads",
                               "pool",
                               "pool_jitter",
                               "prepared_statements",
                               "query_cache",
                               "reaping_frequency",
                               "reconnect",
                               "replica",
                               "schema_cache_path",
                               "schema_dump",
                               "schema_search_path",
                               "seeds",
                               "statement_limit",
                               "strings_as_symbols",
                               "timeout",
                               "use_metadata_table",
                               "variables"};
    return std::ranges::find(names, name) != names.end();
}

void apply_query(std::string_view variable, std::string_view query, DatabaseSettings& settings) {
    while (!query.empty()) {
        auto value = cut(query, '&');
        const auto name = cut(value, '=');
        const auto decoded = percent_decoded(variable, value);
        if (decoded.empty() || is_of_rails(name)) continue;  // Rails ignores an empty value
        if (name == "host")
            settings.host = decoded;
        else if (name == "port")
            settings.port = port_of(variable, decoded), settings.port_given = true;
        else if (name == "username")
            settings.user = decoded;
        else if (name == "password")
            settings.password = decoded;
        else if (name == "database")
            settings.name = decoded;
        // libpq's names have a lower precedence than those of Rails, and those have defaults.
        else if (name == "user" || name == "dbname") {
            auto& member = name == "user" ? settings.user : settings.name;
            if (member.empty()) member = decoded;
        } else
            settings.parameters[std::string(name)] = decoded;
    }
}

/// Parses `host`, `host:port`, `[::1]:port`; an empty part does not change the settings.
void apply_host(std::string_view variable, std::string_view host_and_port,
                DatabaseSettings& settings) {
    if (host_and_port.starts_with('[')) {
        const auto end = host_and_port.find(']');
        if (end == npos) throw bad(variable, "the address in brackets has no end");
        settings.host = host_and_port.substr(1, end - 1);
        host_and_port.remove_prefix(end + 1);
    } else if (const auto host = host_and_port.substr(0, host_and_port.find(':')); !host.empty()) {
        settings.host = percent_decoded(variable, host);
    }
    if (const auto at = host_and_port.find(':'); at != npos && at + 1 < host_and_port.size()) {
        settings.port = port_of(variable, host_and_port.substr(at + 1));
        settings.port_given = true;
    }
}

/// Removes what Ruby's URI does not count as a part of the URL: blanks around it, and a fragment.
std::string_view without_frame(std::string_view url) {
    constexpr std::string_view blanks = " \t\r\n\f\v";
    const auto begin = std::min(url.find_first_not_of(blanks), url.size());
    url.remove_prefix(begin);
    const auto scheme = url.find("//");
    const auto path = scheme == npos ? npos : url.find('/', scheme + 2);
    if (path != npos) url = url.substr(0, url.find('#', path));
    return url.substr(0, url.find_last_not_of(blanks) + 1);
}

void apply_url(std::string_view variable, std::string_view url, DatabaseSettings& settings) {
    url = without_frame(url);
    const auto end_of_scheme = url.find("://");
    const auto scheme = url.substr(0, end_of_scheme);
    if (end_of_scheme == npos || (scheme != "postgres" && scheme != "postgresql"))
        throw bad(variable, "it does not begin with 'postgres://' or 'postgresql://'");
    url.remove_prefix(scheme.size() + 3);
    auto query = url.substr(std::min(url.find('?'), url.size()));
    auto path = url.substr(0, url.size() - query.size());
    auto authority = cut(path, '/');
    // The password may have an '@' that is not encoded, so the last '@' counts.
    if (const auto at = authority.rfind('@'); at != npos) {
        auto password = authority.substr(0, at);
        authority.remove_prefix(at + 1);
        if (const auto user = cut(password, ':'); !user.empty())
            settings.user = percent_decoded(variable, user);
        if (!password.empty()) settings.password = percent_decoded(variable, password);
    }
    apply_host(variable, authority, settings);
    if (!path.empty()) settings.name = percent_decoded(variable, path);
    if (!query.empty()) apply_query(variable, query.substr(1), settings);
}

}  // namespace

std::string database_url_name(const Environment& environment, const Unknowns& unknowns) {
    constexpr auto primary = "PRIMARY_DATABASE_URL";
    return !value_of(environment, primary).empty() || unknowns.contains(primary) ? primary
                                                                                 : "DATABASE_URL";
}

DatabaseSettings database_settings(const Environment& environment, const Unknowns& unknowns) {
    const auto url_name = database_url_name(environment, unknowns);
    // With a URL, an unknown DB_* is not an error, because the URL takes precedence.
    const bool has_url = environment.contains(url_name);
    for (const auto& name :
         {url_name, std::string("DB_HOST"), std::string("DB_PORT"), std::string("DB_NAME"),
          std::string("DB_USER"), std::string("DB_PASS"), std::string("DB_SSLMODE")})
        if (const auto reason = unknowns.find(name); reason != unknowns.end() && !has_url)
            throw Error(Errc::config, reason->second,
                        "write its value there, or set the right values under 'database:' in "
                        "mastobak's configuration");
    // As in Ruby, a variable that is set but empty is not missing: with DB_HOST=, libpq uses its
    // default socket.
    const auto get = [&](const std::string& name) -> std::optional<std::string> {
        const auto set = environment.find(name);
        return set == environment.end() ? std::nullopt : std::optional(set->second);
    };
    DatabaseSettings settings;
    settings.host = get("DB_HOST").value_or("localhost");
    const auto port = get("DB_PORT");
    settings.port_given = !port || !port->empty();
    if (port && !port->empty()) settings.port = port_of("DB_PORT", *port);
    settings.name = get("DB_NAME").value_or(settings.name);
    settings.user = get("DB_USER").value_or(settings.user);
    settings.password = get("DB_PASS").value_or("");
    if (const auto mode = get("DB_SSLMODE"); mode && !mode->empty())
        settings.parameters["sslmode"] = *mode;
    // Rails merges the URL over database.yml.
    if (const auto url = get(url_name); url && !url->empty()) apply_url(url_name, *url, settings);
    return settings;
}

}  // namespace mastobak::mastodon
