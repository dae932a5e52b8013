// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/acknowledged.hpp"

#include <algorithm>
#include <cctype>

#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/json.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/json.hpp"
#include "reconcile/known_missing.hpp"

namespace mastobak::daemon {
namespace {

constexpr auto acknowledged_file = "acknowledged.json";

/// A warning, separated into its words and its numbers.
struct Kind {
    std::string words;
    std::vector<std::string> numbers;
};

/// Compares decimal numbers of any length, without leading zeros.
bool is_larger(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a > b;
}

Kind kind_of(std::string_view text) {
    Kind kind;
    bool quoted = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        const auto word = text.substr(at, end - at);
        const bool number = !quoted && !word.empty() && std::ranges::all_of(word, [](char c) {
            return std::isdigit(static_cast<unsigned char>(c)) != 0;
        });
        if (number)
            kind.numbers.emplace_back(word);
        else
            kind.words += word;
        kind.words += ' ';
        if (std::ranges::count(word, '\'') % 2 == 1) quoted = !quoted;
        at = end + 1;
    }
    return kind;
}

bool covers(const Kind& known, const Kind& warning) {
    if (known.words != warning.words || known.numbers.size() != warning.numbers.size())
        return false;
    for (std::size_t i = 0; i < known.numbers.size(); ++i)
        if (is_larger(warning.numbers[i], known.numbers[i])) return false;
    return true;
}

void leave_out(const Acknowledged& acknowledged, RunRecord& record) {
    record.acknowledged = record.acknowledged_files > 0 ? 1 : 0;
    record.acknowledged += std::erase_if(record.warnings, [&](const auto& warning) {
        return acknowledged.has(warning, record.set.value_or(""));
    });
}

}  // namespace

bool is_of_missing_files(const std::string& warning) {
    std::string_view text = warning;
    const auto end = text.find_first_not_of("0123456789");
    if (end == 0 || end == text.npos || text[end] != ' ') return false;
    text.remove_prefix(end + 1);
    return text.starts_with(reconcile::named_file) || text.starts_with(reconcile::named_files);
}

bool Acknowledged::has(const std::string& warning, const std::string& set) const {
    if (is_of_missing_files(warning))
        return std::ranges::any_of(
            warnings, [&](const auto& known) { return known.text == warning && known.set == set; });
    const auto kind = kind_of(warning);
    return std::ranges::any_of(
        warnings, [&](const auto& known) { return covers(kind_of(known.text), kind); });
}

Acknowledged read_acknowledged(const std::filesystem::path& state_directory) {
    return read_record<Acknowledged>(state_directory / acknowledged_file).value_or(Acknowledged{});
}

void write_acknowledged(const std::filesystem::path& state_directory,
                        const Acknowledged& acknowledged) {
    write_file(state_directory / acknowledged_file, dump(to_json(acknowledged), 2) + "\n");
}

void leave_out_acknowledged(const std::filesystem::path& state_directory, RunRecord& record) {
    leave_out(read_acknowledged(state_directory), record);
}

void leave_out_acknowledged(const std::filesystem::path& state_directory, State& state) {
    const auto acknowledged = read_acknowledged(state_directory);
    state.no_remote_acknowledged = acknowledged.has(no_remote, {});
    for (auto* record : {&state.history.last_run, &state.history.last_success})
        if (*record) leave_out(acknowledged, **record);
}

}  // namespace mastobak::daemon
