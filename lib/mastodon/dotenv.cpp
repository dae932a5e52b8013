// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/dotenv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace mastobak::mastodon {
namespace {

constexpr auto npos = std::string_view::npos;

bool is_key(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '.';
}

bool is_name(char c) {
    return is_key(c) && c != '.';
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

std::string_view trimmed(std::string_view text) {
    const auto space = [](char c) { return is_blank(c) || c == '\n'; };
    while (!text.empty() && space(text.front())) text.remove_prefix(1);
    while (!text.empty() && space(text.back())) text.remove_suffix(1);
    return text;
}

/// \r\n and \r are line ends too.
std::string with_newlines(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        result += text[i] == '\r' ? '\n' : text[i];
    }
    return result;
}

/// `\x` is x, but for `\$`, which the substitution of variables takes care of.
std::string unescaped(std::string_view value) {
    std::string result;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool escape = value[i] == '\\' && i + 1 < value.size() && value[i + 1] != '$';
        if (escape) ++i;
        result += value[i];
    }
    return result;
}

/// In double quotes `\n` and `\r` stay two characters, or become one in the gem's legacy mode.
std::string unescaped_quoted(std::string_view value, bool legacy) {
    std::string result;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char next = i + 1 < value.size() ? value[i + 1] : '\0';
        if (value[i] != '\\' || next == '\0' || next == '$') {
            result += value[i];
            continue;
        }
        ++i;
        if (next != 'n' && next != 'r')
            result += next;
        else if (legacy)
            result += next == 'n' ? '\n' : '\r';
        else
            result.append({'\\', next});
    }
    return result;
}

class Parser {
 public:
    Parser(std::string_view text, const std::filesystem::path& file, const Environment& known)
        : text_(with_newlines(text)), file_(file), known_(known) {}

    Environment parse() {
        while (at_ < text_.size()) {
            if (!assignment()) other_line();
        }
        for (const auto& [line, name] : exports_)
            if (!result_.contains(name) && !known_.contains(name))
                throw Error(Errc::config,
                            fmt::format("{}:{}: '{}' is exported but never set", file_.native(),
                                        line, name),
                            "give it a value, or delete the line");
        return std::move(result_);
    }

 private:
    std::string_view rest() const { return std::string_view(text_).substr(at_); }

    std::size_t line_number(std::size_t at) const {
        return 1 + static_cast<std::size_t>(std::count(
                       text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    }

    static void skip_blanks(std::string_view& text) {
        while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    }

    /// `[export ]KEY = value`, or `KEY: value`; goes past its line if it is one.
    bool assignment() {
        auto text = rest();
        skip_blanks(text);
        if (text.starts_with("export") && text.size() > 6 && is_blank(text[6])) {
            text.remove_prefix(6);
            skip_blanks(text);
        }
        const auto key =
            text.substr(0, static_cast<std::size_t>(
                               std::find_if_not(text.begin(), text.end(), is_key) - text.begin()));
        if (key.empty()) return false;
        text.remove_prefix(key.size());
        const bool colon = text.size() > 1 && text[0] == ':' && is_blank(text[1]);
        if (!colon) skip_blanks(text);
        if (!colon && !text.starts_with('=')) return false;
        text.remove_prefix(1);
        const std::string name(key);
        result_[name] = value(text);
        at_ = text_.size() - text.size();
        return true;
    }

    /// The value that the text begins with; the text is what comes after its line.
    std::string value(std::string_view& text) {
        auto quoted = text;
        skip_blanks(quoted);
        if (const auto end = closing_quote(quoted); end != npos) {
            text = after_line(quoted.substr(end + 1));
            return unquoted(quoted.substr(0, end + 1));
        }
        const auto bare = text.substr(0, text.find_first_of("#\n"));
        text = after_line(text);
        return unquoted(trimmed(bare));
    }

    std::string unquoted(std::string_view value) const {
        const char quote = value.size() > 1 && value.front() == value.back() ? value.front() : '\0';
        const auto inside = quote == '\0' ? value : value.substr(1, value.size() - 2);
        if (quote == '\'') return std::string(inside);
        if (quote == '"') return substituted(unescaped_quoted(inside, legacy_line_breaks()));
        return substituted(unescaped(value));
    }

    /// Where a text that begins with a quote ends, across lines, if nothing but a comment comes
    /// after it; without such an end the gem takes it for a bare value (`"a"b`). An escaped quote
    /// is the end when there is no other: `"a\"` is a backslash behind an a.
    static std::size_t closing_quote(std::string_view quoted) {
        if (!quoted.starts_with('"') && !quoted.starts_with('\'')) return npos;
        std::vector<std::size_t> candidates;
        for (std::size_t i = 1; i < quoted.size(); ++i) {
            if (quoted[i] != quoted[0]) continue;
            candidates.push_back(i);
            if (i == 1 || quoted[i - 1] != '\\') break;
        }
        const auto ends_there = [quoted](std::size_t at) {
            auto after = quoted.substr(at + 1);
            skip_blanks(after);
            return after.empty() || after.front() == '#' || after.front() == '\n';
        };
        const auto end = std::find_if(candidates.rbegin(), candidates.rend(), ends_there);
        return end == candidates.rend() ? npos : *end;
    }

    static std::string_view after_line(std::string_view text) {
        const auto end = text.find('\n');
        return end == npos ? text.substr(text.size()) : text.substr(end + 1);
    }

    /// `export A B` names variables that have to be set somewhere; all else is not an error.
    void other_line() {
        auto line = rest().substr(0, rest().find('\n'));
        const auto number = line_number(at_);
        at_ = text_.size() - after_line(rest()).size();
        skip_blanks(line);
        if (!line.starts_with("export") || line.size() < 7 || !is_blank(line[6])) return;
        line = trimmed(line.substr(6));
        while (!line.empty()) {
            const auto end = std::min(line.find_first_of(" \t"), line.size());
            exports_.emplace_back(number, std::string(line.substr(0, end)));
            line = trimmed(line.substr(end));
        }
    }

    bool legacy_line_breaks() const { return lookup("DOTENV_LINEBREAK_MODE") == "legacy"; }

    std::string lookup(const std::string& name) const {
        if (const auto it = known_.find(name); it != known_.end()) return it->second;
        if (const auto it = result_.find(name); it != result_.end()) return it->second;
        return {};
    }

    /// `$A` and `${A}`; `\$` is a dollar; `$(…)` is left alone.
    std::string substituted(const std::string& value) const {
        std::string result;
        for (std::size_t i = 0; i < value.size();) {
            const bool escaped = value[i] == '\\' && i + 1 < value.size() && value[i + 1] == '$';
            if (escaped) ++i;
            if (value[i] != '$') {
                result += value[i++];
                continue;
            }
            auto end = i + 1;
            const bool brace = end < value.size() && value[end] == '{';
            if (brace) ++end;
            const auto begin = end;
            while (end < value.size() && is_name(value[end])) ++end;
            const auto name = value.substr(begin, end - begin);
            if (end < value.size() && value[end] == '}') ++end;
            result += escaped || name.empty() ? value.substr(i, end - i) : lookup(name);
            i = end;
        }
        return result;
    }

    std::string text_;
    const std::filesystem::path& file_;
    const Environment& known_;
    std::size_t at_ = 0;
    Environment result_;
    std::vector<std::pair<std::size_t, std::string>> exports_;
};

}  // namespace

Environment parse_dotenv(std::string_view text, const std::filesystem::path& file,
                         const Environment& known) {
    return Parser(text, file, known).parse();
}

}  // namespace mastobak::mastodon
