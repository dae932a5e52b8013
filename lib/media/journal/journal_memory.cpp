// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/journal/journal_memory.hpp"

namespace mastobak::media {
namespace {

constexpr std::string_view header = "mastobak-journal 1";

// The format: each string ends with NUL, and an empty string ends a list.
void add(std::string& text, std::string_view item) {
    text += item;
    text += '\0';
}

template <typename Items>
void add_all(std::string& text, const Items& items) {
    for (const auto& item : items) add(text, item);
    add(text, "");
}

std::optional<std::string> next(std::string_view& text) {
    const auto end = text.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    std::string item(text.substr(0, end));
    text.remove_prefix(end + 1);
    return item;
}

template <typename Items>
bool read_all(std::string_view& text, Items& items) {
    while (auto item = next(text)) {
        if (item->empty()) return true;
        items.insert(items.end(), std::move(*item));
    }
    return false;
}

}  // namespace

std::string to_text(const JournalMemory& memory) {
    std::string text;
    add(text, header);
    add(text, memory.root.native());
    add_all(text, memory.excluded);
    add_all(text, memory.paths);
    add_all(text, memory.removed);
    return text;
}

std::optional<JournalMemory> parse_journal_memory(std::string_view text) {
    if (next(text) != header) return std::nullopt;
    const auto root = next(text);
    if (!root) return std::nullopt;
    JournalMemory memory{*root, {}, {}, {}};
    const bool whole = read_all(text, memory.excluded) && read_all(text, memory.paths) &&
                       read_all(text, memory.removed) && text.empty();
    if (!whole) return std::nullopt;
    return memory;
}

}  // namespace mastobak::media
