// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/dotenv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/text.hpp"

namespace mastobak::mastodon {
namespace {

constexpr auto not_found = std::string_view::npos;
// execve(2) refuses a variable of 128 KiB.
constexpr std::size_t largest_value = std::size_t{64} << 10;
/// The limit of all values together: each value may name others that are just as large.
constexpr std::size_t largest_total = std::size_t{4} << 20;

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

/// \r\n and \r are line ends, too.
std::string with_newlines(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        result += text[i] == '\r' ? '\n' : text[i];
    }
    return result;
}

/// Removes a byte-order mark from the beginning, as Ruby does when it opens the file
/// ("rb:bom|utf-8").
std::string_view without_mark(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    return text;
}

/// Replaces `\x` by x, but not `\$`, which with_variables() handles.
std::string unescaped(std::string_view value) {
    std::string result;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool escape = value[i] == '\\' && i + 1 < value.size() && value[i + 1] != '$';
        if (escape) ++i;
        result += value[i];
    }
    return result;
}

/// In double quotes, `\n` and `\r` stay two characters, or become one in version 2 of the gem and
/// in the legacy mode of version 3, before anything else is parsed.
std::string unescaped_quoted(std::string_view value, bool breaks) {
    std::string result;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char next = i + 1 < value.size() ? value[i + 1] : '\0';
        if (value[i] != '\\' || (next != 'n' && next != 'r')) {
            result += value[i];
            continue;
        }
        ++i;
        if (breaks)
            result += next == 'n' ? '\n' : '\r';
        else
            result.append({'\\', '\\', next});
    }
    return unescaped(result);
}

constexpr std::string_view depends = "what that means depends on Mastodon's version";

class Parser {
 public:
    Parser(std::string_view text, const std::filesystem::path& file, const Dotenv& known,
           std::optional<unsigned> gem)
        : file_(file), known_(known), gem_(gem) {
        if (text.size() > largest_dotenv.count)
            throw Error(Errc::config, fmt::format("'{}' is larger than {}", readable(file.native()),
                                                  to_string(largest_dotenv)));
        if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
            throw error_at(1, "the file is in UTF-16, not in UTF-8", "save it as UTF-8");
        text_ = with_newlines(without_mark(text));
        if (const auto nul = text_.find('\0'); nul != text_.npos)
            throw error_at(line_number(nul), "there is a NUL byte in it", "save it as UTF-8");
    }

    Dotenv parse() {
        while (at_ < text_.size()) {
            if (!assignment()) other_line();
        }
        for (const auto& [line, name] : exports_)
            if (!known_here(name) && !known_.values.contains(name) &&
                !known_.unknowns.contains(name))
                throw error_at(line, fmt::format("'{}' is exported but never set", readable(name)),
                               "give it a value, or delete the line");
        return std::move(result_);
    }

 private:
    Error error_at(std::size_t line, std::string_view what, std::string hint) const {
        return Error(Errc::config, fmt::format("{}: {}", place(line), what), std::move(hint));
    }

    std::string place(std::size_t line) const {
        return fmt::format("{}:{}", readable(file_.native()), line);
    }

    std::string_view rest() const { return std::string_view(text_).substr(at_); }

    bool known_here(const std::string& name) const {
        return result_.values.contains(name) || result_.unknowns.contains(name);
    }

    /// Called with increasing positions only, so it counts each line once.
    std::size_t line_number(std::size_t at) {
        const auto begin = text_.begin() + static_cast<std::ptrdiff_t>(counted_);
        const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::max(counted_, at));
        line_ += static_cast<std::size_t>(std::count(begin, end, '\n'));
        counted_ = std::max(counted_, at);
        return line_;
    }

    static void skip_blanks(std::string_view& text) {
        while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    }

    /// Parses `[export ]KEY = value`, or `KEY: value`, and continues after its line if it is one.
    bool assignment() {
        auto text = rest();
        skip_blanks(text);
        const bool exported = text.starts_with("export") && text.size() > 6 && is_blank(text[6]);
        if (exported) {
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
        text.remove_prefix(colon ? 2 : 1);
        const std::string name(key);
        const auto line = line_number(at_);
        doubt_.clear();
        nothing_ = false;
        auto result = value(text);
        if (exported && nothing_ && exports_earlier(name, line)) {
            at_ = text_.size() - text.size();
            return true;
        }
        keep_small(result, name, line);
        at_ = text_.size() - text.size();
        // As in Ruby's hash, the last line with a name counts.
        result_.values.erase(name);
        result_.unknowns.erase(name);
        if (doubt_.empty())
            result_.values[name] = std::move(result);
        else
            result_.unknowns[name] =
                fmt::format("{}: '{}' {}", place(line), readable(name), readable(doubt_));
        return true;
    }

    /// Handles `export A=`. In version 2 of the gem, A becomes empty. In version 3, A keeps its
    /// value, and it is an error if A has none.
    bool exports_earlier(const std::string& name, std::size_t line) {
        if (gem_ && *gem_ < 3) return false;
        const bool here = known_here(name);
        if (gem_) {
            if (!here) exports_.emplace_back(line, name);
            return true;
        }
        if (here) doubt_ = fmt::format("is exported without a value, and {}", depends);
        return false;
    }

    void keep_small(const std::string& value, const std::string& name, std::size_t line) {
        total_ += value.size();
        if (value.size() > largest_value || total_ > largest_total)
            throw error_at(
                line,
                fmt::format("the value of '{}', with the variables in it, is larger than {}",
                            readable(name.substr(0, 80)), to_string(Bytes{largest_value})),
                "nothing that Mastodon reads is as large");
    }

    /// Parses the value at the beginning of the text; sets the text to what follows the value's
    /// line.
    std::string value(std::string_view& text) {
        auto quoted = text;  // may begin on a later line
        quoted.remove_prefix(std::min(quoted.find_first_not_of(" \t\f\v\n"), quoted.size()));
        if (const auto end = closing_quote(quoted); end != not_found) {
            text = after_line(quoted.substr(end + 1));
            return unquoted(quoted.substr(0, end + 1));
        }
        const auto bare = text.substr(0, text.find_first_of("#\n"));
        nothing_ = bare.empty();
        text = after_line(text);
        return unquoted(trimmed(bare));
    }

    std::string unquoted(std::string_view value) {
        const char quote = value.size() > 1 && value.front() == value.back() ? value.front() : '\0';
        const auto inside = quote == '\0' ? value : value.substr(1, value.size() - 2);
        if (quote == '\'') return std::string(inside);
        if (quote == '"') return substituted(with_line_breaks(inside));
        return substituted(unescaped(value));
    }

    /// Returns where a text that begins with a quote ends, also on a later line, if only a comment
    /// follows it; without such an end, the gem treats the text as a bare value (`"a"b`). An
    /// escaped quote is the end when there is no other one: `"a\"` is an a and a backslash.
    static std::size_t closing_quote(std::string_view quoted) {
        if (!quoted.starts_with('"') && !quoted.starts_with('\'')) return not_found;
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
        return end == candidates.rend() ? not_found : *end;
    }

    static std::string_view after_line(std::string_view text) {
        const auto end = text.find('\n');
        return end == not_found ? text.substr(text.size()) : text.substr(end + 1);
    }

    std::string with_line_breaks(std::string_view inside) {
        if (gem_ || legacy_line_breaks())
            return unescaped_quoted(inside, legacy_line_breaks() || *gem_ < 3);
        auto result = unescaped_quoted(inside, false);
        if (result != unescaped_quoted(inside, true))
            doubt_ = fmt::format("has '\\n' or '\\r' in double quotes, and {}", depends);
        return result;
    }

    /// A name without a value: version 2 of the gem (Mastodon 4.2) ignores it, and version 3 sets
    /// an empty value.
    void name_alone(std::string_view line, std::size_t number) {
        const auto name = trimmed(line.substr(0, line.find('#')));
        if (name.empty() || std::ranges::find_if_not(name, is_key) != name.end()) return;
        if (gem_ && *gem_ < 3) return;
        result_.values.erase(std::string(name));
        if (gem_) {
            result_.unknowns.erase(std::string(name));
            result_.values[std::string(name)].clear();
            return;
        }
        result_.unknowns[std::string(name)] = fmt::format("{}: '{}' is not followed by '=', and {}",
                                                          place(number), readable(name), depends);
    }

    /// `export A B` names variables that have to be set somewhere. Any other line is not an error.
    void other_line() {
        auto line = rest().substr(0, rest().find('\n'));
        const auto number = line_number(at_);
        at_ = text_.size() - after_line(rest()).size();
        skip_blanks(line);
        name_alone(line, number);
        if (!line.starts_with("export") || line.size() < 7 || !is_blank(line[6])) return;
        line = trimmed(line.substr(6));
        // Version 3 of the gem ignores a line with several names, or with something else.
        if (std::ranges::find_if_not(line, is_key) != line.end() && (!gem_ || *gem_ >= 3)) return;
        while (!line.empty()) {
            const auto end = std::min(line.find_first_of(" \t"), line.size());
            exports_.emplace_back(number, std::string(line.substr(0, end)));
            line = trimmed(line.substr(end));
        }
    }

    bool legacy_line_breaks() const {
        const auto* mode = find("DOTENV_LINEBREAK_MODE");
        return mode && *mode == "legacy";
    }

    const std::string* find(const std::string& name) const {
        if (known_.unknowns.contains(name)) return nullptr;
        for (const auto* values : {&known_.values, &result_.values})
            if (const auto it = values->find(name); it != values->end()) return &it->second;
        return nullptr;
    }

    /// Returns the value of a variable for another one, whose value is unknown if this one is.
    std::string_view lookup(const std::string& name) {
        if (const auto* value = find(name)) return *value;
        const bool unknown = known_.unknowns.contains(name) || result_.unknowns.contains(name);
        doubt_ = fmt::format("takes '${}', {}", name.substr(0, 80),
                             unknown ? "whose value mastobak cannot know" : "which is not set");
        return {};
    }

    std::string substituted(const std::string& value) {
        return without_commands(with_variables(value));
    }

    /// Replaces `$A` and `${A}`. `\$` is a dollar sign, and `$(…)` does not change.
    std::string with_variables(const std::string& value) {
        std::string result;
        for (std::size_t i = 0; i < value.size() && result.size() <= largest_value;) {
            const bool escaped = value[i] == '\\' && i + 1 < value.size() && value[i + 1] == '$';
            const auto dollar = escaped ? i + 1 : i;
            const bool command = dollar + 1 < value.size() && value[dollar + 1] == '(';
            if (value[dollar] != '$' || command) {
                result.append(value, i, dollar + 1 - i);
                i = dollar + 1;
                continue;
            }
            auto end = dollar + 1;
            const bool brace = end < value.size() && value[end] == '{';
            if (brace) ++end;
            const auto begin = end;
            while (end < value.size() && is_name(value[end])) ++end;
            const auto name = value.substr(begin, end - begin);
            if (end < value.size() && value[end] == '}') ++end;
            if (escaped || name.empty())
                result.append(value, dollar, end - dollar);
            else
                result += lookup(name);
            i = end;
        }
        return result;
    }

    /// Finds `$(…)`, which the gem runs, also if it came from a variable. `\$(` does not run
    /// anything.
    std::string without_commands(std::string value) {
        const auto last = value.rfind(')');
        std::string result;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const bool ends = last != value.npos && i < last;
            const bool escaped = ends && value[i] == '\\' && value.compare(i + 1, 2, "$(") == 0;
            if (escaped) ++i;
            if (!escaped && ends && value.compare(i, 2, "$(") == 0)
                doubt_ = "comes from a command, '$(…)', which mastobak does not run";
            result += value[i];
        }
        return result;
    }

    std::string text_;
    const std::filesystem::path& file_;
    const Dotenv& known_;
    const std::optional<unsigned> gem_;
    bool nothing_ = false;  ///< the value is missing, without even a blank
    std::size_t at_ = 0;
    std::size_t counted_ = 0, line_ = 1;  ///< line_ is the line of position counted_
    std::size_t total_ = 0;
    std::string doubt_;  ///< why the current value cannot be known
    Dotenv result_;
    std::vector<std::pair<std::size_t, std::string>> exports_;
};

}  // namespace

Dotenv parse_dotenv(std::string_view text, const std::filesystem::path& file, const Dotenv& known,
                    std::optional<unsigned> gem) {
    return Parser(text, file, known, gem).parse();
}

void add_dotenv(std::string_view text, const std::filesystem::path& file, Dotenv& known,
                std::optional<unsigned> gem) {
    auto found = parse_dotenv(text, file, known, gem);
    for (auto& [name, value] : found.values)
        if (!known.unknowns.contains(name)) known.values.try_emplace(name, std::move(value));
    for (auto& [name, reason] : found.unknowns)
        if (!known.values.contains(name)) known.unknowns.try_emplace(name, std::move(reason));
}

}  // namespace mastobak::mastodon
