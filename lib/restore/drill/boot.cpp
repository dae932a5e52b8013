// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/boot.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/led.hpp"
#include "core/files/unique_fd.hpp"
#include "core/process/privilege.hpp"
#include "core/process/process.hpp"
#include "core/text.hpp"
#include "mastodon/boot_facts.hpp"
#include "postgres/scratch/scratch_server.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds longest_boot{300}, longest_boot_unit{360}, boot_stop_limit{30};
/// Rails may log to standard output; a hostile program may print without an end.
constexpr std::size_t most_boot_output = std::size_t{16} << 20,
                      kept_boot_output = std::size_t{64} << 10;
constexpr std::string_view guest_database = postgres::ScratchServer::guest;

std::string boot_unit_of(const fs::path& directory) {
    auto answer = run({.argv = {"systemd-escape", "--path", directory.native()}});
    if (!answer.ok())
        throw Error(Errc::environment,
                    fmt::format("systemd-escape '{}': {}", directory.native(), answer.reason()));
    return fmt::format("mastobak-boot@{}.service",
                       answer.output.substr(0, answer.output.find('\n')));
}

postgres::Settings in_guest_database(postgres::Settings settings) {
    settings.database = guest_database;
    return settings;
}

/// The unit's user may not read most of this host's settings files, so Ruby gets ENOENT for them:
/// dotenv ignores a missing file, but fails on one that it may not read.
constexpr std::string_view without_settings = R"RUBY(
File.singleton_class.prepend(Module.new do
  def open(name, *rest, **options, &block)
    raise Errno::ENOENT, name.to_s if File.basename(name.to_s).start_with?('.env')
    super
  end
end)
)RUBY";
constexpr auto without_settings_file = "/tmp/mastobak-without-settings.rb";  // the unit's own /tmp

/// Returns the last line of facts as text that PostgreSQL and JSON accept. Hostile output may not
/// be UTF-8.
std::string line_of_facts(std::string_view output) {
    auto begin = output.rfind(mastodon::boot_prefix);
    while (begin != std::string_view::npos && begin > 0 && output[begin - 1] != '\n')
        begin = output.rfind(mastodon::boot_prefix, begin - 1);
    if (begin == std::string_view::npos) return {};
    output.remove_prefix(begin);
    return readable(output.substr(0, output.find('\n')));
}

void hand_over(postgres::Connection& database, const BootRequest& request) {
    database.query("CREATE TABLE public.request (place int, kind text, name text, value text)");
    database.query("CREATE TABLE public.answer (problem text, output text)");
    database.query(fmt::format("GRANT SELECT ON public.request TO {}", guest_database));
    database.query(fmt::format("GRANT INSERT ON public.answer TO {}", guest_database));
    int row = 0;
    const auto add = [&](const char* kind, const std::string& name, const std::string& value) {
        database.query("INSERT INTO public.request VALUES ($1::int, $2, $3, $4)",
                       {std::to_string(row++), kind, name, value});
    };
    for (const auto& [name, value] : request.environment) add("environment", name, value);
    for (const auto& place : request.places) add("place", place.path.native(), place.identity);
    add("script", "", request.script);
    for (const auto& word : request.argv) add("argv", "", word);
}

BootRequest taken_from(postgres::Connection& database) {
    BootRequest request;
    for (const auto& row :
         database.query("SELECT kind, name, value FROM public.request ORDER BY place")) {
        const auto kind = row.at(0).value_or("");
        const auto value = row.at(2).value_or("");
        if (kind == "argv") request.argv.push_back(value);
        if (kind == "environment") request.environment[row.at(1).value_or("")] = value;
        if (kind == "place") request.places.push_back({row.at(1).value_or(""), value});
        if (kind == "script") request.script = value;
    }
    return request;
}

/// Ruby and others print the error first and then an indented backtrace, so the reason is the last
/// line that is not indented.
std::string boot_reason(Finished finished) {
    auto& tail = finished.error_tail;
    std::string_view rest = tail;
    std::string_view said;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (!line.empty() && line.front() != ' ' && line.front() != '\t') said = line;
    }
    if (!said.empty()) tail = std::string(said);
    return readable(finished.reason());
}

constexpr int most_place_looks = 10;
/// The directories that mastobak-boot@.service mounts besides the checkout, and that users other
/// than root may own.
constexpr std::array ruby_places{"/home/mastodon/.rbenv", "/opt/rbenv"};

std::string identity_of_place(const struct stat& status) {
    return fmt::format("{}:{}", status.st_dev, status.st_ino);
}

BootPlace look_at_place(const fs::path& path) {
    for (int look = 0; look < most_place_looks; ++look) {
        const UniqueFd opened(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!opened && errno == ENOENT) return {path};
        struct stat status {};
        if (!opened || ::fstat(opened.get(), &status) != 0)
            throw errno_error(Errc::environment,
                              fmt::format("look at '{}'", readable(path.native())), errno);
        if (is_led_fairly(opened.get(), path, Errc::environment))
            return {path, identity_of_place(status)};
    }
    throw Error(Errc::environment,
                fmt::format("'{}' was replaced while it was checked", readable(path.native())));
}

bool is_place_within(const fs::path& inner, const fs::path& outer) {
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first ==
           outer.end();
}

}  // namespace

BootAnswer run_boot(const BootRequest& request, const std::vector<std::string>& before,
                    std::stop_token stop) {
    Command command{.argv = before, .environment = request.environment, .timeout = longest_boot};
    command.argv.insert(command.argv.end(), request.argv.begin(), request.argv.end());
    std::string_view script = request.script;
    command.input = [&script](std::span<std::byte> to) {
        const auto n = std::min(to.size(), script.size());
        std::memcpy(to.data(), script.data(), n);
        script.remove_prefix(n);
        return n;
    };
    BootAnswer answer;
    std::size_t all = 0;
    command.on_output = [&](std::span<const std::byte> block) {
        all += block.size();
        if (all > most_boot_output)
            throw Error(Errc::corrupt,
                        fmt::format("it prints more than {}", to_string(Bytes{most_boot_output})));
        answer.output.append(reinterpret_cast<const char*>(block.data()), block.size());
        if (answer.output.size() > 2 * kept_boot_output)
            answer.output.erase(0, answer.output.size() - kept_boot_output);
    };
    try {
        const auto finished = run(command, std::move(stop));
        if (!finished.ok()) answer.problem = boot_reason(finished);
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        answer.problem = readable(error.text());
    }
    answer.output = line_of_facts(answer.output);
    return answer;
}

BootAnswer boot_as_unit(const postgres::Settings& superuser, const fs::path& directory,
                        const BootRequest& request, const std::stop_token& stop) {
    {
        postgres::Connection server(superuser, stop);
        server.query(fmt::format("CREATE ROLE {} LOGIN", guest_database));
        server.query(fmt::format("CREATE DATABASE {}", guest_database));
    }
    postgres::Connection database(in_guest_database(superuser), stop);
    hand_over(database, request);
    const auto unit = boot_unit_of(directory);
    const auto end = [&unit] {
        try {
            run({.argv = {"systemctl", "--no-ask-password", "stop", unit},
                 .timeout = boot_stop_limit});
        } catch (const std::exception&) {
            // The unit ends after a time limit of its own.
        }
    };
    try {
        const auto started = run({.argv = {"systemctl", "--no-ask-password", "start", unit},
                                  .timeout = longest_boot_unit},
                                 stop);
        const auto answers = database.query(
            "SELECT left(problem, 4096), right(output, 65536) FROM public.answer LIMIT 1");
        if (!answers.empty()) return {answers[0].at(0).value_or(""), answers[0].at(1).value_or("")};
        end();
        throw Error(Errc::environment,
                    fmt::format("the unit '{}' did not run Mastodon: {}", unit,
                                started.ok() ? "it wrote no answer" : started.reason()),
                    "'journalctl -u \"mastobak-boot@*\"' says more");
    } catch (const Error& error) {
        end();
        throw;
    }
}

void answer_boot(const fs::path& sockets, const std::stop_token& stop) {
    std::error_code error;
    for (const auto& server : fs::directory_iterator(sockets, error)) {
        try {
            postgres::Connection database({.host = server.path(),
                                           .database = std::string(guest_database),
                                           .user = std::string(guest_database)},
                                          stop);
            auto request = taken_from(database);
            require_mounted(request.places);
            write_file(without_settings_file, std::string(without_settings), 0600);
            request.environment["RUBYOPT"] = fmt::format("-r{}", without_settings_file);
            const auto answer = run_boot(request, {}, stop);
            database.query("INSERT INTO public.answer VALUES ($1, $2)",
                           {answer.problem, answer.output});
            return;
        } catch (const Error& failure) {
            // This server belongs to another drill, which has no request.
            if (failure.code() != Errc::database) throw;
        }
    }
    throw Error(Errc::environment, "no drill waits for this command",
                "only mastobak-boot@.service runs this command");
}

std::vector<BootPlace> boot_places(const fs::path& directory) {
    const ReadAnything raised;
    std::vector<BootPlace> places{look_at_place(directory)};
    for (const fs::path path : ruby_places) {
        // systemd would create the mount point inside the other directory, on a path that
        // Mastodon's user controls.
        if (is_place_within(path, directory))
            throw Error(Errc::environment,
                        fmt::format("'{}' is in Mastodon's directory, '{}'", path.native(),
                                    readable(directory.native())));
        places.push_back(look_at_place(path));
    }
    return places;
}

void require_mounted(const std::vector<BootPlace>& places) {
    for (const auto& place : places) {
        struct stat status {};
        const bool is_there = ::stat(place.path.c_str(), &status) == 0;
        if (is_there == place.identity.empty() ||
            (is_there && identity_of_place(status) != place.identity))
            throw Error(Errc::environment,
                        fmt::format("'{}' is not the directory that the drill has checked",
                                    readable(place.path.native())));
    }
}

}  // namespace mastobak::restore
