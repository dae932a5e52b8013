// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "core/json.hpp"
#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

// ECMA-48: moves to the beginning of the line and erases the line.
constexpr std::string_view to_empty_line = "\r\033[K";

void write_line(Terminal terminal, const std::string& text) {
    auto* stream = terminal == Terminal::output ? stdout : stderr;
    std::fputs(text.c_str(), stream);
    std::fflush(stream);
}

}  // namespace

void write_out(std::string_view text) {
    fmt::print("{}", text);
}

void write_error(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
}

bool reader_is_gone() {
    pollfd out{STDOUT_FILENO, POLLOUT, 0};
    return ::poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

void write_error_in_handler(std::string_view text) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

void say_json(const Json& json, int indent) {
    write_out(dump(json, indent) + '\n');
}

void say_document(const OrderedJson& document) {
    write_out(document.dump(2, ' ', true, OrderedJson::error_handler_t::replace) + '\n');
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (std::size_t from = 0; from < text.size();) {
        const auto to = std::min(text.find('\n', from), text.size());
        lines.emplace_back(text.substr(from, to - from));
        from = to + 1;
    }
    return lines;
}

std::string harmless_lines(std::string_view text) {
    std::string lines;
    for (const auto& line : lines_of(text)) lines += readable(line) + '\n';
    return lines;
}

std::string wrapped(std::string_view text, std::size_t width) {
    std::string out;
    for (auto& line : lines_of(text)) {
        // The continuation of a long line begins below the second column of the table.
        const auto gap = line.rfind("  ");
        const auto indent = gap == line.npos ? 0 : gap + 2;
        while (line.size() > width) {
            const auto at = line.rfind(' ', width);
            if (at == line.npos || at <= indent) break;
            out += line.substr(0, at) + '\n';
            line.replace(0, at + 1, indent, ' ');
        }
        out += line + '\n';
    }
    return out;
}

void show_line(Terminal terminal, std::string_view text) {
    write_line(terminal, std::string(to_empty_line) + readable(text));
}

void clear_line(Terminal terminal) {
    write_line(terminal, std::string(to_empty_line));
}

}  // namespace mastobak::daemon
