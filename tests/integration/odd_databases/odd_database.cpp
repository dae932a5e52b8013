// SPDX-License-Identifier: GPL-3.0-or-later
#include "odd_database.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string_view>

namespace mastobak::test {
namespace {

/// The odd parts of names.
constexpr std::array<std::string_view, 24> odd_words{
    "it's",         "say \"so\"",
    "two\nlines",   "tab\there",
    " leading",     "trailing ",
    "UPPER lower",  "select",
    "a.b",          "100%s",
    "$1",           "back\\slash",
    "--no",         "/* no */",
    "; DROP",       "{}",
    "[0]",          "plain",
    "\\restrict x", "a very long name that is nearly as long as it may be,",
    "x=y",          "é",
    "日本",         "🐘"};
/// The number of words that consist of ASCII only; these come first.
constexpr std::size_t ascii_words = 21;

std::string quoted(std::string_view name, char quote) {
    std::string result(1, quote);
    for (const char c : name) {
        if (c == quote) result += c;
        result += c;
    }
    return result + quote;
}

/// Returns the name of an operator: "@%#".
std::string operator_of(unsigned number) {
    std::string name = "@";
    for (; number > 0; number /= 4) name += "#%&|"[number % 4];
    return name;
}

struct Locale {
    const char* options;
    bool ascii_names;
};

constexpr std::array<Locale, 8> locales{{
    {"ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'", false},
    {"ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'", false},
    {"ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'", false},
    {"ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'", false},
    {"ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'", false},
    {"ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'", true},
    {"ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'", true},
    {"ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'de'",
     false},
}};

/// None of these settings may end or change a backup, a drill or a restore.
constexpr std::array settings{"statement_timeout = '3ms'",
                              "lock_timeout = '1ms'",
                              "idle_session_timeout = '2ms'",
                              "idle_in_transaction_session_timeout = '1ms'",
                              "default_transaction_read_only = on",
                              "search_path = nowhere",
                              "DateStyle = 'German'",
                              "IntervalStyle = sql_standard",
                              "extra_float_digits = -3",
                              "bytea_output = escape",
                              "standard_conforming_strings = off",
                              "client_encoding = SQL_ASCII",
                              "row_security = off",
                              "quote_all_identifiers = on",
                              "TimeZone = 'Asia/Kathmandu'",
                              "default_transaction_isolation = serializable",
                              "check_function_bodies = off",
                              "xmloption = document",
                              "enable_seqscan = off",
                              "array_nulls = off",
                              "exit_on_error = on",
                              "transform_null_equals = on",
                              "backslash_quote = off",
                              "gin_fuzzy_search_limit = 1",
                              "default_transaction_deferrable = on",
                              "default_tablespace = ''",
                              "session_replication_role = replica",
                              "lc_numeric = 'C'"};

class Generator {
 public:
    Generator(unsigned seed, int major, std::string name)
        : random_(seed), major_(major), name_(std::move(name)) {}

    OddDatabase make() {
        auto made = begin();
        const auto owners = roles_of_odd_databases();
        const auto all = all_kinds(major_);
        for (auto n = 4 + below(12); n > 0; --n) add(made, all[below(all.size())]);
        for (auto n = below(4); n > 0; --n)
            made.sql +=
                fmt::format("ALTER DATABASE {} SET {};\n", name_, settings[below(settings.size())]);
        if (below(4) == 0)
            made.sql +=
                fmt::format("ALTER ROLE {} IN DATABASE {} SET {};\n", quoted(owners[0], '"'), name_,
                            settings[below(settings.size())]);
        return made;
    }

    OddDatabase make(const OddKind& kind) {
        auto made = begin();
        add(made, kind);
        return made;
    }

 private:
    OddDatabase begin() {
        OddDatabase made;
        const auto& locale = locales[below(major_ >= 15 ? locales.size() : locales.size() - 1)];
        made.options = locale.options;
        words_ = locale.ascii_names ? ascii_words : odd_words.size();
        made.owner = below(5) == 0 ? "postgres" : roles_of_odd_databases()[0];
        made.sql =
            "SET check_function_bodies = off; CREATE TABLE public.schema_migrations (version "
            "varchar PRIMARY KEY); INSERT INTO public.schema_migrations VALUES "
            "('20251217091936'), ('1');\n";
        return made;
    }

    void add(OddDatabase& made, const OddKind& kind) {
        made.kinds.emplace_back(kind.name);
        made.sql += fmt::format("-- {}\n{}\n", kind.name, sql_of(kind));
    }

    std::size_t below(std::size_t limit) {
        // A distribution of the standard library may give other numbers elsewhere.
        return random_() % limit;
    }

    std::string new_name() { return fmt::format("{}{}", odd_words[below(words_)], ++count_); }

    std::string sql_of(const OddKind& kind) {
        const auto roles = roles_of_odd_databases();
        const bool own_schema = below(3) == 0;
        const auto schema = own_schema ? new_name() : std::string("public");
        std::map<std::string, std::string> values{{"S", quoted(schema, '"')},
                                                  {"R", quoted(roles[below(3)], '"')},
                                                  {"Q", quoted(roles[below(roles.size())], '"')}};
        for (const auto* token : {"a", "b", "c", "d", "e", "f"}) {
            const auto name = quoted(new_name(), '"');
            values[token] = name;
            values[std::string("'") + token] = quoted(values["S"] + "." + name, '\'');
        }
        values["o"] = operator_of(count_);
        std::string sql;
        if (own_schema)
            sql = fmt::format("CREATE SCHEMA {} AUTHORIZATION {};\n", values["S"],
                              quoted(roles[below(3)], '"'));
        constexpr std::string_view begin = "«", end = "»";
        std::string_view rest = kind.sql;
        for (auto at = rest.find(begin); at != rest.npos; at = rest.find(begin)) {
            sql += rest.substr(0, at);
            rest.remove_prefix(at + begin.size());
            const auto close = rest.find(end);
            sql += values.at(std::string(rest.substr(0, close)));
            rest.remove_prefix(close + end.size());
        }
        return sql.append(rest);
    }

    std::mt19937 random_;
    const int major_;
    const std::string name_;
    std::size_t words_ = odd_words.size();
    unsigned count_ = 0;
};

}  // namespace

std::vector<std::string> roles_of_odd_databases() {
    return {"masto don", "it's \"his\"", "plain", "only named", "who reads\nlines"};
}

OddDatabase odd_database(unsigned seed, int major, const std::string& name) {
    return Generator(seed, major, name).make();
}

OddDatabase odd_database(unsigned seed, const OddKind& kind) {
    return Generator(seed, kind.major, "").make(kind);
}

std::vector<OddKind> all_kinds(int major) {
    std::vector<OddKind> all;
    for (const auto kinds : {kinds_of_tables(), kinds_of_code(), kinds_of_servers()})
        std::copy_if(kinds.begin(), kinds.end(), std::back_inserter(all),
                     [major](const OddKind& kind) { return kind.major <= major; });
    return all;
}

}  // namespace mastobak::test
