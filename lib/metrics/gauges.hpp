// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mastobak::metrics {

/// One value of a gauge. Labels are name and value; a value may be any bytes.
struct Sample {
    double value = 0;
    std::vector<std::pair<std::string, std::string>> labels{};
};

/// What goes up and down. Names and help are ours; the unit ends the name, "_seconds", "_bytes".
struct Gauge {
    std::string name{};
    std::string help{};
    std::vector<Sample> samples{};  ///< none: the gauge is left out
};

/// The gauges in Prometheus' text format, in their order. Pure.
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
std::string to_text(const std::vector<Gauge>& gauges);

/// Replaces the file at once, for all to read. node_exporter reads files whose name ends in
/// ".prom", and so never one that is being written.
/// Throws Error{environment}.
void write_textfile(const std::filesystem::path& file, std::string_view text);

}  // namespace mastobak::metrics
