// SPDX-License-Identifier: GPL-3.0-or-later
#include "notify/mail.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>

#include "core/crypto/base64.hpp"
#include "core/readable.hpp"

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

}  // namespace mastobak::notify
