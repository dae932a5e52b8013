// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/unit_facts.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/process/accounts.hpp"
#include "core/text.hpp"

namespace mastobak::mastodon {
namespace {

std::string_view next_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

std::string_view without_blanks(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// Parses an EnvironmentFile character by character as systemd does. A quote begins a quoted part
/// only at the start of a value, or directly after another quoted part; elsewhere it is a part of
/// the value.
/// Source: systemd, src/basic/env-file.c. A comment ends with its line, as since version 254.
class EnvironmentFile {
 public:
    explicit EnvironmentFile(std::string_view text) : text_(text) {}

    Environment read() {
        while (!text_.empty()) {
            while (!text_.empty() && is_space(text_.front())) step();
            if (!text_.empty()) line();
        }
        return std::move(result_);
    }

 private:
    static bool is_end(char c) { return c == '\n' || c == '\r'; }
    static bool is_space(char c) { return is_end(c) || c == ' ' || c == '\t'; }

    char step() {
        const char c = text_.front();
        text_.remove_prefix(1);
        return c;
    }

    void line() {
        const bool comment = text_.front() == '#' || text_.front() == ';';
        std::string name;
        while (!text_.empty() && !is_end(text_.front()) && (comment || text_.front() != '='))
            name += step();
        if (comment || text_.empty() || text_.front() != '=') return;
        step();
        value_.clear();
        kept_ = 0;
        begin_value();
        result_[std::string(without_blanks(name))] = value_;
    }

    void begin_value() {
        while (!text_.empty()) {
            const char c = step();
            if (is_end(c)) return;
            if (c == '\'' || c == '"')
                quoted(c);
            else if (c == '\\')
                return escape(), bare();
            else if (!is_space(c))
                return value_ += c, bare();
        }
    }

    /// Reads to the end of the line, without trailing blanks that are neither quoted nor escaped.
    void bare() {
        while (!text_.empty()) {
            const char c = step();
            if (is_end(c)) break;
            if (c == '\\')
                escape();
            else
                value_ += c;
        }
        while (value_.size() > kept_ && (value_.back() == ' ' || value_.back() == '\t'))
            value_.pop_back();
    }

    void escape() {
        if (text_.empty()) return;
        if (const char c = step(); !is_end(c)) value_ += c;
        kept_ = value_.size();
    }

    void quoted(char quote) {
        while (!text_.empty()) {
            const char c = step();
            if (c == quote) break;
            if (quote == '\'' || c != '\\' || text_.empty()) {
                value_ += c;
                continue;
            }
            const char next = step();
            if (next == '\n') continue;
            if (std::string_view("\"\\`$").find(next) == std::string_view::npos) value_ += c;
            value_ += next;
        }
        kept_ = value_.size();
    }

    std::string_view text_;
    std::string value_;
    std::size_t kept_ = 0;  ///< blanks before this position are quoted or escaped
    Environment result_;
};

}  // namespace

Environment parse_unit_environment(std::string_view lines) {
    Environment result;
    while (!lines.empty()) {
        const auto line = next_line(lines);
        const auto equals = line.find('=');
        if (equals != std::string_view::npos && equals > 0)
            result[std::string(line.substr(0, equals))] = line.substr(equals + 1);
    }
    return result;
}

std::vector<std::filesystem::path> parse_environment_file_list(std::string_view lines) {
    std::vector<std::filesystem::path> result;
    while (!lines.empty()) {
        auto line = without_blanks(next_line(lines));
        if (line.starts_with('-')) line.remove_prefix(1);
        for (const std::string_view optional : {" true", " false"})
            if (line.ends_with(optional)) line.remove_suffix(optional.size());
        if (!line.empty()) result.emplace_back(line);
    }
    return result;
}

std::string parse_user(std::string property) {
    const auto id = parse_number<uid_t>(property);
    return id ? user_name(*id) : property;
}

std::filesystem::path parse_working_directory(std::string_view property, const std::string& user) {
    if (property.starts_with('!')) property.remove_prefix(1);
    if (property != "~") return property;
    const auto account = account_named(user.empty() ? "root" : user);
    return account ? account->home : std::filesystem::path();
}

Environment parse_environment_file(std::string_view text) {
    return EnvironmentFile(text).read();
}

}  // namespace mastobak::mastodon
