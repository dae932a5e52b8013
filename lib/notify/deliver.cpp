// SPDX-License-Identifier: GPL-3.0-or-later
#include "notify/deliver.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <span>
#include <system_error>

#include "core/crypto/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/process.hpp"
#include "core/text.hpp"
#include "http/request.hpp"

namespace mastobak::notify {
namespace {

/// RFC 2047 limits an encoded word to 75 characters: 45 bytes become 60.
constexpr std::size_t bytes_of_word = 45;
constexpr std::size_t bytes_of_line = 57;

/// Returns a text as encoded words, one on each line of the header.
std::string encoded_words(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto word = shortened(std::string(text.substr(0, 2 * bytes_of_word)), bytes_of_word);
        out += fmt::format("{}=?UTF-8?B?{}?=", out.empty() ? "" : "\n ", encode_base64(word));
        text.remove_prefix(word.size());
    }
    return out;
}

std::string encoded_lines(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += bytes_of_line)
        out += encode_base64(text.substr(at, bytes_of_line)) + "\n";
    return out;
}

/// Returns a date like "Sun, 22 Nov 2026 03:00:00 +0000", in English.
std::string date_of(Timestamp at) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const std::time_t time = seconds.time_since_epoch().count();
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000",
                       days.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                       months.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900,
                       utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/// Returns a host name that is valid on the right side of a Message-ID.
std::string domain_of(const std::string& host) {
    std::string domain;
    for (const char c : host)
        domain += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '.'
                      ? c
                      : '-';
    return domain.empty() || domain.find("..") != domain.npos || domain.front() == '.' ||
                   domain.back() == '.'
               ? "localhost"
               : domain;
}

using namespace std::chrono_literals;

constexpr auto program_timeout = 30s;
/// healthchecks keeps at most 100 kB.
constexpr std::size_t longest_text = 90'000;
/// The limit of a message in a URL.
constexpr std::size_t longest_msg = 250;

/// Returns the URL of a target. No error has the text of the file.
http::Url url_of(const NotifyTarget& target) {
    if (target.url) return *target.url;
    constexpr Bytes limit{4096};
    auto text = read_file(target.url_file, Errc::environment, limit);
    constexpr auto blanks = " \t\r\n";
    text.erase(0, text.find_first_not_of(blanks));
    text.erase(text.find_last_not_of(blanks) + 1);
    if (auto url = http::Url::parse(text)) return std::move(*url);
    throw Error(
        Errc::environment,
        fmt::format("'{}' does not contain a URL of HTTP or HTTPS", target.url_file.native()),
        "it has to be the only line of the file");
}

/// Returns a UUID that is the same for all messages of a run. Source: RFC 9562, UUID version 8
std::string uuid_of(const Message& message) {
    Sha256 hash;
    const auto text = "mastobak " + message.host + " " + message.run;
    hash.update(std::as_bytes(std::span(text)));
    auto hex = to_hex(hash.finish());
    hex[12] = '8';
    hex[16] = 'a';
    return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                       hex.substr(16, 4), hex.substr(20, 12));
}

http::Url healthchecks_url(const NotifyTarget& target, const Message& message) {
    auto url = url_of(target);
    if (message.event == NotifyEvent::start)
        url = url.below("start");
    else if (message.event == NotifyEvent::failure && message.exit_status > 0)
        url = url.below(std::to_string(message.exit_status));
    else if (!message.good)
        url = url.below("fail");
    return message.run.empty() ? url : url.with("rid", uuid_of(message));
}

http::Url ping_url(const NotifyTarget& target, const Message& message) {
    const auto took = message.took ? std::to_string(message.took->count()) : std::string();
    return url_of(target)
        .with("status", message.good ? "up" : "down")
        .with("msg", shortened(message.subject, longest_msg))
        .with("ping", took);
}

void request(const NotifyTarget& target, http::Request request, std::stop_token stop) {
    const auto origin = request.url.origin();
    http::Answer answer;
    request.proxy = target.proxy;
    try {
        answer = http::ask(request, std::move(stop));
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        throw Error(Errc::environment, fmt::format("{}: {}", origin, error.text()));
    }
    if (answer.status >= 300 && answer.status < 400)
        throw Error(
            Errc::environment,
            fmt::format("{} redirects to a different URL (status {})", origin, answer.status),
            "redirects are not followed: configure the URL that it leads to");
    if (!answer.ok())
        throw Error(Errc::environment,
                    fmt::format("{} answers with status {}", origin, answer.status),
                    answer.status == 404 ? "is the URL complete?" : "");
    // healthchecks.io answers so to a URL that belongs to none of its checks. Other answers of this
    // kind are not shown: a server may repeat the URL in them.
    if (target.type == NotifyType::healthchecks && answer.body.starts_with("OK ("))
        throw Error(Errc::environment,
                    fmt::format("{} does not accept it{}", origin,
                                answer.body.starts_with("OK (not found)")      ? ": not found"
                                : answer.body.starts_with("OK (rate limited)") ? ": rate limited"
                                                                               : ""),
                    "is the URL complete?");
}

/// The reason why a program failed, without its arguments, which may be secrets.
std::string reason_without(const std::vector<std::string>& argv, std::string reason) {
    constexpr std::size_t shortest_secret = 6;
    for (const auto& argument : std::span(argv).subspan(1))
        for (auto at = reason.find(argument);
             argument.size() >= shortest_secret && at != reason.npos; at = reason.find(argument))
            reason.replace(at, argument.size(), "...");
    return reason;
}

void run_program(const std::vector<std::string>& argv,
                 std::map<std::string, std::string> environment, const std::string& input,
                 std::stop_token stop) {
    Command command{.argv = argv, .environment = std::move(environment)};
    command.proxies = true;
    command.on_output = [](std::span<const std::byte>) {};
    command.input = [rest = std::string_view(input)](std::span<std::byte> block) mutable {
        const auto size = std::min(rest.size(), block.size());
        std::ranges::copy(std::as_bytes(std::span(rest)).first(size), block.begin());
        rest.remove_prefix(size);
        return size;
    };
    command.timeout = program_timeout;
    command.kill_after = 1s;
    const auto finished = run(command, std::move(stop));
    if (!finished.ok())
        throw Error(Errc::environment,
                    fmt::format("'{}' failed: {}", argv.front(),
                                reason_without(argv, readable(finished.reason()))));
}

void send(const NotifyTarget& target, const Message& message, std::stop_token stop) {
    switch (target.type) {
        case NotifyType::healthchecks: {
            auto text = message.text();
            if (target.log && !message.log.empty()) text += "\n" + message.log;
            return request(target,
                           {.url = healthchecks_url(target, message),
                            .body = shortened(std::move(text), longest_text)},
                           std::move(stop));
        }
        case NotifyType::ping:
            return request(target, {.url = ping_url(target, message)}, std::move(stop));
        case NotifyType::mail:
            return run_program(target.sendmail, {}, mail_of(target, message), std::move(stop));
        case NotifyType::command: {
            auto variables = variables_of(message);
            variables["MASTOBAK_TARGET"] = target.name;
            return run_program(target.command, std::move(variables), message.text(),
                               std::move(stop));
        }
    }
}

}  // namespace

std::string mail_of(const NotifyTarget& target, const Message& message) {
    std::string mail;
    // The configuration was checked, too.
    if (!target.from.empty()) mail += fmt::format("From: {}\n", readable(target.from));
    mail += fmt::format("To: {}\n", readable(target.to));
    mail += fmt::format("Subject: {}\n", encoded_words(readable(message.subject)));
    mail += fmt::format("Date: {}\n", date_of(message.at));
    mail +=
        fmt::format("Message-ID: <mastobak.{}.{}.{}@{}>\n", message.at.time_since_epoch().count(),
                    to_string(message.event), target.name, domain_of(message.host));
    mail +=
        "Auto-Submitted: auto-generated\n"
        "MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: base64\n\n";
    return mail + encoded_lines(message.text());
}

void deliver(const NotifyTarget& target, const Message& message, std::stop_token stop) {
    try {
        send(target, message, std::move(stop));
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        throw Error(Errc::environment,
                    fmt::format("cannot notify '{}' ({}): {}", target.name, to_string(target.type),
                                error.text()),
                    error.hint());
    }
}

std::filesystem::path program_of(const NotifyTarget& target) {
    if (target.type == NotifyType::mail) return target.sendmail.front();
    if (target.type == NotifyType::command) return target.command.front();
    return {};
}

void check(const NotifyTarget& target) {
    const auto program = program_of(target);
    if (program.empty()) {
        static_cast<void>(url_of(target));
        return;
    }
    if (::access(program.c_str(), X_OK) == 0) return;
    const auto why = std::generic_category().message(errno);
    throw Error(Errc::environment,
                fmt::format("'{}' cannot be executed: {}", program.native(), why),
                target.type == NotifyType::mail
                    ? "install a program that can send mail from the daemon's sandbox, such as "
                      "msmtp-mta; SANDBOXING.md lists them"
                    : "install it, or name another program in 'command'");
}

}  // namespace mastobak::notify
