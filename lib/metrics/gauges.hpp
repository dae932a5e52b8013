// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mastobak::metrics {

/// One value of a gauge, with its labels (name, value). The value of a label may be any bytes.
struct Sample {
    double value = 0;
    std::vector<std::pair<std::string, std::string>> labels{};
};

/// A Prometheus gauge. Its name ends in the unit: "_seconds", "_bytes". Name and help are not
/// escaped.
struct Gauge {
    std::string name{};
    std::string help{};
    std::vector<Sample> samples{};  ///< to_text() omits a gauge without samples
};

/// Returns the gauges in Prometheus' text format, in the given order. Pure.
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
std::string to_text(const std::vector<Gauge>& gauges);

/// Replaces the file atomically, with mode 0644. node_exporter reads only files whose name ends in
/// ".prom", so it never reads the temporary file.
/// Throws Error{environment}.
void write_textfile(const std::filesystem::path& file, std::string_view text);

}  // namespace mastobak::metrics
