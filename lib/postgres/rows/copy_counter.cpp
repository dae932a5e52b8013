// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/rows/copy_counter.hpp"

#include <algorithm>
#include <cstring>

#include "core/error.hpp"

namespace mastobak::postgres {
namespace {

constexpr std::string_view end_of_rows = "\\.";
// A COPY statement names at most 1600 columns. A longer line (of a large object) cannot be one.
constexpr std::size_t longest_statement = 256 * 1024;

/// Removes an identifier, quoted or not, from the front of the text and returns it.
std::optional<std::string> identifier(std::string_view& text) {
    std::string name;
    if (!text.starts_with('"')) {
        const auto end = std::min(text.find_first_of(". ("), text.size());
        name = text.substr(0, end);
        text.remove_prefix(end);
        return name.empty() ? std::nullopt : std::optional(std::move(name));
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] != '"') {
            name += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == '"') {
            name += text[i++];
        } else {
            text.remove_prefix(i + 1);
            return name;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> copied_table(std::string_view line) {
    constexpr std::string_view copy = "COPY ", from = " FROM stdin;";
    if (!line.starts_with(copy) || !line.ends_with(from)) return std::nullopt;
    line.remove_prefix(copy.size());
    auto schema = identifier(line);
    if (!schema || !line.starts_with('.')) return schema;
    line.remove_prefix(1);
    const auto table = identifier(line);
    if (!table) return std::nullopt;
    return *schema + "." + *table;
}

std::string copied_column_list(std::string_view line) {
    constexpr std::string_view copy = "COPY ", open = " (", from = ") FROM stdin;";
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (!line.starts_with(copy) || !line.ends_with(from)) return {};
    line.remove_prefix(copy.size());
    if (!identifier(line)) return {};
    if (line.starts_with('.')) {
        line.remove_prefix(1);
        if (!identifier(line)) return {};
    }
    if (!line.starts_with(open) || line.size() < open.size() + from.size()) return {};
    return std::string(line.substr(open.size(), line.size() - open.size() - from.size()));
}

bool is_open_statement(std::string_view text) {
    return text.starts_with("COPY ") && text.size() < longest_statement &&
           std::count(text.begin(), text.end(), '"') % 2 != 0;
}

void CopyCounter::feed(std::span<const std::byte> block) {
    std::string_view text(reinterpret_cast<const char*>(block.data()), block.size());
    while (!text.empty()) {
        const auto* newline = static_cast<const char*>(std::memchr(text.data(), '\n', text.size()));
        if (newline == nullptr) return take(text);
        const auto piece = text.substr(0, static_cast<std::size_t>(newline - text.data()));
        text.remove_prefix(piece.size() + 1);
        // The fast path for nearly all lines: the whole row is in this block.
        if (rows_ != nullptr && line_.empty() && piece != end_of_rows) {
            ++*rows_;
            if (digester_) digester_->add(piece);
            continue;
        }
        take(piece);
        end_line();
    }
}

void CopyCounter::take(std::string_view piece) {
    // Within the rows, only enough bytes are kept to recognise the end mark.
    const auto limit = rows_ != nullptr ? end_of_rows.size() + 1 : longest_statement;
    if (rows_ != nullptr && digester_) digester_->part(piece);
    line_.append(piece.substr(0, limit - std::min(limit, line_.size())));
}

void CopyCounter::end_line() {
    if (rows_ == nullptr) {
        if (is_open_statement(line_)) {
            line_ += '\n';
            return;
        }
        end_statement();
    } else if (line_ == end_of_rows) {
        end_table();
    } else {
        ++*rows_;
        if (digester_) digester_->end_row();
    }
    line_.clear();
}

void CopyCounter::end_statement() {
    const auto table = copied_table(line_);
    if (!table) return;
    rows_ = &counts_[*table];
    digest_ = &digests_[*table];
}

void CopyCounter::end_table() {
    rows_ = nullptr;
    if (!digester_) return;
    digester_->discard_row();  // the end mark is not a row
    *digest_ += digester_->finish();
}

RowCounts CopyCounter::finish() {
    if (rows_ != nullptr)
        throw Error(Errc::corrupt, "the dump ends in the middle of a table's rows");
    return std::move(counts_);
}

}  // namespace mastobak::postgres
