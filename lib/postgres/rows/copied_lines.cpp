// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/rows/copied_lines.hpp"

#include "core/error.hpp"
#include "postgres/rows/copy_counter.hpp"

namespace mastobak::postgres {
namespace {

/// PostgreSQL's own limit for a field is 1 GiB.
constexpr std::size_t longest_row = std::size_t{256} << 20;

}  // namespace

void CopiedLines::feed(std::span<const std::byte> block) {
    std::string_view text(reinterpret_cast<const char*>(block.data()), block.size());
    while (true) {
        const auto end = text.find('\n');
        line_ += text.substr(0, end);
        if (line_.size() > longest_row)
            throw Error(Errc::corrupt, "a row of the dump is larger than 256 MiB");
        if (end == text.npos) return;
        text.remove_prefix(end + 1);
        if (!in_rows_ && is_open_statement(line_)) {
            line_ += '\n';
            continue;
        }
        take(line_);
        line_.clear();
    }
}

void CopiedLines::take(std::string_view line) {
    if (!in_rows_) {
        if (!copied_table(line)) return;
        on_copy_(line);
        in_rows_ = true;
    } else if (line == "\\.") {
        in_rows_ = false;
    } else {
        on_row_(line);
    }
}

std::vector<std::string> listed_names(std::string_view list) {
    std::vector<std::string> names;
    std::string name;
    bool quoted = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const char c = list[i];
        if (c == '"' && quoted && i + 1 < list.size() && list[i + 1] == '"')
            name += list[++i];
        else if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted)
            names.push_back(std::exchange(name, {}));
        else if (c != ' ' || quoted)
            name += c;
    }
    if (!name.empty()) names.push_back(std::move(name));
    return names;
}

}  // namespace mastobak::postgres
