// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/error_lines.hpp"

namespace mastobak {
namespace {

constexpr std::size_t kept_errors = 4096;

}  // namespace

void ErrorLines::take(std::string_view text) {
    tail_.append(text);
    if (tail_.size() > kept_errors) tail_.erase(0, tail_.size() - kept_errors);
    if (!on_line_) return;
    line_.append(text);
    std::size_t begin = 0;
    for (auto end = line_.find('\n'); end != std::string::npos; end = line_.find('\n', begin)) {
        on_line_(std::string_view(line_).substr(begin, end - begin));
        begin = end + 1;
    }
    line_.erase(0, begin);
    if (line_.size() > kept_errors) line_.clear();
}

void ErrorLines::finish() {
    if (!line_.empty() && on_line_) on_line_(line_);
    line_.clear();
}

}  // namespace mastobak
