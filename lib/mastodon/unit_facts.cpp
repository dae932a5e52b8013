// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/unit_facts.hpp"

#include <algorithm>
#include <string>
#include <utility>

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

/// One value of an EnvironmentFile, which may go on over the following lines.
class Value {
 public:
    explicit Value(std::string_view& text) : text_(text) {}

    std::string read() {
        while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t')) step();
        while (!text_.empty() && text_.front() != '\n') {
            const char c = step();
            if (c == '\\')
                escape();
            else if (c == '"' || c == '\'')
                quoted(c);
            else
                result_ += c;
        }
        if (!text_.empty()) step();
        while (result_.size() > kept_ &&
               (result_.back() == ' ' || result_.back() == '\t' || result_.back() == '\r'))
            result_.pop_back();
        return std::move(result_);
    }

 private:
    char step() {
        const char c = text_.front();
        text_.remove_prefix(1);
        return c;
    }

    void escape() {
        if (text_.empty()) return;
        if (const char c = step(); c != '\n') result_ += c;
        kept_ = result_.size();
    }

    void quoted(char quote) {
        while (!text_.empty()) {
            const char c = step();
            if (c == quote) break;
            const bool escapes =
                quote == '"' && c == '\\' && !text_.empty() &&
                std::string_view("\"\\`$\n").find(text_.front()) != std::string_view::npos;
            if (!escapes)
                result_ += c;
            else if (const char next = step(); next != '\n')
                result_ += next;
        }
        kept_ = result_.size();
    }

    std::string_view& text_;
    std::string result_;
    std::size_t kept_ = 0;  ///< blanks up to here were quoted
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
        if (const auto note = line.find(" (ignore_errors="); note != std::string_view::npos)
            line = line.substr(0, note);
        if (!line.empty()) result.emplace_back(line);
    }
    return result;
}

Environment parse_environment_file(std::string_view text) {
    Environment result;
    while (!text.empty()) {
        auto line = text;
        line = without_blanks(next_line(line));
        const auto equals = text.find_first_of("=\n");
        const bool comment = line.empty() || line.front() == '#' || line.front() == ';';
        if (comment || equals == std::string_view::npos || text[equals] == '\n') {
            next_line(text);
            continue;
        }
        const std::string name(without_blanks(text.substr(0, equals)));
        text.remove_prefix(equals + 1);
        result[name] = Value(text).read();
    }
    return result;
}

}  // namespace mastobak::mastodon
