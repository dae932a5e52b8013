// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/settings.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

namespace mastobak::postgres {
namespace {

/// Returns the name of each parameter and its environment variable, which may be empty. They come
/// from libpq, so that the new parameters of a newer libpq are included.
const std::map<std::string, std::string>& known() {
    static const auto all = [] {
        std::map<std::string, std::string> result;
        const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconndefaults(),
                                                                                   PQconninfoFree);
        for (const auto* option = options.get(); option && option->keyword; ++option)
            result.emplace(option->keyword, option->envvar ? option->envvar : "");
        return result;
    }();
    return all;
}

std::string trimmed(const std::string& text) {
    constexpr auto blanks = " \t\r";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// The path of a file that cannot exist. Without a path, libpq would use its default file.
constexpr auto no_file = "/dev/null/none";

/// The words of `options`, as the server splits them at white space that no backslash escapes.
/// Source: PostgreSQL's src/backend/utils/init/postinit.c, pg_split_opts()
std::vector<std::string> words_of(const std::string& options) {
    std::vector<std::string> words;
    bool escaped = false, inside = false;
    for (const char c : options) {
        if (!escaped && std::string_view(" \t\n\v\f\r").find(c) != std::string_view::npos) {
            inside = false;
            continue;
        }
        if (!std::exchange(inside, true)) words.emplace_back();
        escaped = !escaped && c == '\\';
        if (!escaped) words.back() += c;
    }
    return words;
}

std::string escaped(const std::string& word) {
    std::string result;
    for (const char c : word) {
        if (c == '\\' || std::string_view(" \t\n\v\f\r").find(c) != std::string_view::npos)
            result += '\\';
        result += c;
    }
    return result;
}

}  // namespace

std::string Settings::to_string() const {
    const auto where = host.empty() ? "the local socket" : host;
    return fmt::format("database '{}' at '{}:{}' as '{}'", database, where, port, user);
}

Parameters Settings::complete() const {
    Parameters all = parameters;
    const auto set = [&all](const char* name, const std::string& value) {
        if (!value.empty()) all[name] = value;
    };
    set("host", host);
    set("port", std::to_string(port));
    set("dbname", database);
    set("user", user);
    set("password", password);
    set("passfile", passfile.native());
    set("options", session_options());
    if (password.empty()) all.try_emplace("passfile", no_file);
    if (by_socket()) return all;
    const auto mode = all.find("sslmode");
    if (mode == all.end() || !mode->second.starts_with("verify-"))
        all.try_emplace("sslrootcert", no_file);
    all.try_emplace("sslcert", no_file);
    if (!all.contains("sslcrldir")) all.try_emplace("sslcrl", no_file);
    return all;
}

std::map<std::string, std::string> Settings::environment() const {
    std::map<std::string, std::string> result{
        {"PGCONNECT_TIMEOUT", std::to_string(connect_timeout.count())}};
    for (const auto& [name, value] : complete()) {
        const auto parameter = known().find(name);
        if (parameter != known().end() && !parameter->second.empty() && !value.empty())
            result.emplace(parameter->second, value);
    }
    return result;
}

std::string Settings::session_options() const {
    std::string result;
    if (const auto own = parameters.find("options"); own != parameters.end())
        // Word by word: a backslash at the end of the options would escape the blank before ours.
        for (const auto& word : words_of(own->second)) result += escaped(word) + " ";
    return result + fmt::format(
                        "-c search_path={} -c statement_timeout={} -c lock_timeout=0 "
                        "-c idle_in_transaction_session_timeout=0 -c row_security=off "
                        "-c default_transaction_read_only=off -c standard_conforming_strings=on "
                        // Otherwise the planner would evaluate check constraints of a table.
                        "-c constraint_exclusion=off "
                        // Otherwise the database's owner could choose a role for the session
                        // (ALTER DATABASE ... SET role), for example its own.
                        "-c role=none",
                        escaped(search_path), statement_timeout.count());
}

std::vector<std::filesystem::path> Settings::files() const {
    std::vector<std::filesystem::path> result;
    if (!passfile.empty()) result.push_back(passfile);
    if (by_socket()) return result;
    for (const auto* name : {"sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir"}) {
        const auto parameter = parameters.find(name);
        if (parameter == parameters.end()) continue;
        // "system" is OpenSSL's own store (PostgreSQL 16), and "engine:key" is not a file either.
        if (parameter->second.starts_with('/')) result.emplace_back(parameter->second);
    }
    return result;
}

Reach Settings::reach(std::vector<std::filesystem::path> reads) const {
    for (auto& file : files()) reads.push_back(std::move(file));
    // The default files of libpq.
    if (const char* home = std::getenv("HOME"))
        for (const auto* name : {".pgpass", ".postgresql"})
            reads.push_back(std::filesystem::path(home) / name);
    using enum Reach::Sockets;
    // A list of hosts may have both kinds of socket. '@' begins the name of an abstract socket.
    const bool may_be_both = host.find_first_of("/@") != std::string::npos;
    const auto remote = may_be_both ? all : of_the_internet;
    return {.reads = std::move(reads), .sockets = by_socket() ? of_this_host : remote};
}

std::optional<std::string> parameter_of_variable(const std::string& variable) {
    for (const auto& [name, of_name] : known())
        if (!variable.empty() && of_name == variable) return name;
    return std::nullopt;
}

Variables forget_variables() {
    Variables forgotten;
    for (char** one = environ; one && *one; ++one) {
        const std::string_view text = *one;
        if (const auto at = text.find('='); text.starts_with("PG") && at != text.npos)
            forgotten.emplace(text.substr(0, at), text.substr(at + 1));
    }
    for (const auto& [name, value] : forgotten) ::unsetenv(name.c_str());
    return forgotten;
}

bool is_parameter(const std::string& name) {
    return known().contains(name);
}

std::optional<Parameters> service_parameters(const std::string& text, const std::string& service) {
    std::optional<Parameters> found;
    bool inside = false;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        line = trimmed(line);
        if (line.empty() || line.starts_with('#')) continue;
        if (line.starts_with('[')) {
            if (inside) return found;
            inside = line == "[" + service + "]";
            if (inside) found.emplace();
        } else if (const auto at = line.find('='); inside && at != std::string::npos) {
            found->emplace(trimmed(line.substr(0, at)), trimmed(line.substr(at + 1)));
        }
    }
    return found;
}

}  // namespace mastobak::postgres
