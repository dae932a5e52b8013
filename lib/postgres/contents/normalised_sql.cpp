// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/contents/normalised_sql.hpp"

#include <algorithm>

namespace mastobak::postgres {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

class Scanner {
 public:
    explicit Scanner(std::string_view sql) : rest_(sql) {}

    std::string run() {
        while (!rest_.empty()) {
            if (is_space(rest_[0]) || rest_[0] == '(' || rest_[0] == ')')
                rest_.remove_prefix(1);
            else if (rest_.starts_with("::"))
                skip_cast();
            else
                put(token());
        }
        return std::move(result_);
    }

 private:
    void put(std::string_view token) {
        result_ += token;
        result_ += '\n';
    }

    std::string_view take(std::size_t size) {
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }

    /// Returns the position behind the closing quote of a token whose opening quote is at `at`.
    std::size_t quoted(std::size_t at, bool backslashes) const {
        const char quote = rest_[at];
        for (auto i = at + 1; i < rest_.size(); ++i) {
            if (backslashes && rest_[i] == '\\')
                ++i;
            else if (rest_[i] == quote)
                return i + 1;  // a doubled quote begins the next token
        }
        return rest_.size();
    }

    /// Returns the length of a string between $tag$ and $tag$; 0 if it is not such a string.
    std::size_t dollar_quoted() const {
        std::size_t end = 1;
        while (end < rest_.size() && is_word(rest_[end])) ++end;
        if (end >= rest_.size() || rest_[end] != '$' || (end > 1 && is_digit(rest_[1]))) return 0;
        const auto tag = rest_.substr(0, end + 1);
        const auto close = rest_.find(tag, tag.size());
        return close == rest_.npos ? rest_.size() : close + tag.size();
    }

    std::size_t word() const {
        return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_word) -
                                        rest_.begin());
    }

    std::string_view token() {
        const char c = rest_[0];
        if (c == '\'' || c == '"') return take(quoted(0, false));
        if ((c == 'E' || c == 'e') && rest_.size() > 1 && rest_[1] == '\'')
            return take(quoted(1, true));
        if (c == '$')
            if (const auto size = dollar_quoted()) return take(size);
        return take(std::max<std::size_t>(1, word()));
    }

    void skip_spaces() {
        while (!rest_.empty() && is_space(rest_[0])) rest_.remove_prefix(1);
    }

    /// "::character varying(255)[]", "::public."My type"", "::timestamp without time zone"
    void skip_cast() {
        rest_.remove_prefix(2);
        skip_name();
        skip_modifier();
        for (bool more = true; more;) {
            more = false;
            for (const std::string_view one :
                 {" varying", " precision", " with time zone", " without time zone"})
                if (rest_.starts_with(one)) {
                    rest_.remove_prefix(one.size());
                    more = true;
                }
            skip_modifier();
        }
        while (rest_.starts_with("[]")) rest_.remove_prefix(2);
    }
    void skip_name() {
        skip_spaces();
        while (!rest_.empty()) {
            if (rest_[0] == '"')
                rest_.remove_prefix(quoted(0, false));
            else if (is_word(rest_[0]))
                rest_.remove_prefix(word());
            else
                return;
            // "a""b" is one name.
            if (rest_.starts_with('"')) continue;
            if (!rest_.starts_with('.')) return;
            rest_.remove_prefix(1);
        }
    }
    void skip_modifier() {
        if (!rest_.starts_with('(')) return;
        const auto end = std::find_if_not(rest_.begin() + 1, rest_.end(),
                                          [](char c) { return is_digit(c) || c == ','; });
        if (end != rest_.end() && *end == ')')
            rest_.remove_prefix(static_cast<std::size_t>(end - rest_.begin()) + 1);
    }

    std::string_view rest_;
    std::string result_;
};

}  // namespace

std::string normalised(std::string_view sql) {
    return Scanner(sql).run();
}

}  // namespace mastobak::postgres
