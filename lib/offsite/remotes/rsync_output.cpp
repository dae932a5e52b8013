// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/rsync_output.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <sstream>
#include <string_view>

#include "core/error.hpp"
#include "offsite/hints.hpp"

namespace mastobak::offsite {
namespace {

/// Returns all messages of rsync and ssh about a failure.
std::string words_of(const Finished& finished) {
    std::istringstream lines(finished.error_tail);
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        // The last lines of rsync have no reason, only that there was an error.
        const bool empty_words = line.starts_with("rsync error: ") ||
                                 line.find("connection unexpectedly closed") != std::string::npos;
        if (!empty_words && !line.empty()) text += line + "\n";
    }
    return text.empty() ? finished.reason() : text;
}

/// Returns the last lines of a text, because ssh prints long advice before its error.
std::string_view last_lines(std::string_view text, int count) {
    auto begin = text.size();
    while (begin > 0 && count >= 0)
        if (text[--begin] == '\n' && begin + 1 < text.size()) --count;
    return begin == 0 ? text : text.substr(begin + 1);
}

}  // namespace

void require_rsync(const std::string& doing, const Finished& finished) {
    if (finished.ok()) return;
    const auto words = words_of(finished);
    throw Error(Errc::offsite, fmt::format("cannot {}: {}", doing, one_line(last_lines(words, 2))),
                hint_for(words));
}

// Parses "-rw-------          1024 2026/11/22 03:00:00 name"; names of objects have no blanks.
RsyncListing parse_rsync_list(const std::string& output) {
    RsyncListing found;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string mode, size, date, time, leaf, more;
        if (!(words >> mode >> size >> date >> time >> leaf) || leaf.starts_with('.')) continue;
        if (words >> more) continue;  // "manifest.json x" is not "manifest.json"
        std::uint64_t bytes = 0;
        if (line.starts_with('d')) found.directories.insert(leaf);
        if (line.starts_with('-') && std::istringstream(size) >> bytes) found.files[leaf] = {bytes};
    }
    return found;
}

}  // namespace mastobak::offsite
