// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/gauges.hpp"

#include <fmt/format.h>

#include "core/files/files.hpp"
#include "core/text.hpp"

namespace mastobak::metrics {
namespace {

/// Escapes the value of a label. readable() also makes it valid UTF-8 without control characters.
std::string escaped(std::string_view value) {
    std::string text;
    for (const char c : readable(value)) {
        if (c == '\\' || c == '"') text += '\\';
        text += c;
    }
    return text;
}

std::string labels_of(const Sample& sample) {
    std::string text;
    for (const auto& [name, value] : sample.labels)
        text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name, escaped(value));
    return text.empty() ? text : "{" + text + "}";
}

}  // namespace

std::string to_text(const std::vector<Gauge>& gauges) {
    std::string text;
    for (const auto& gauge : gauges) {
        if (gauge.samples.empty()) continue;
        text += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n", gauge.name, gauge.help);
        for (const auto& sample : gauge.samples)
            text += fmt::format("{}{} {}\n", gauge.name, labels_of(sample), sample.value);
    }
    return text;
}

void write_textfile(const std::filesystem::path& file, std::string_view text) {
    write_file(file, text, 0644, Errc::environment);
}

}  // namespace mastobak::metrics
