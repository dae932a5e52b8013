// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace mastobak::test {

/// Parses Prometheus' text format. `values` has the keys "name{labels}". `problem` is the first
/// line that is not valid, or that promtool's linter would refuse. The parser is stricter than
/// Prometheus: it accepts only gauges, one after the other, each with its help and type first, and
/// no value twice.
struct PrometheusText {
    std::map<std::string, double> values;
    std::string problem;

    explicit PrometheusText(const std::string& text) {
        static const std::regex help(R"(# HELP ([a-z][a-z0-9_]*) (\S[^\\]*\.))");
        static const std::regex sample(
            R"re(([a-z][a-z0-9_]*)(\{([a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})? (-?[0-9.]+(?:e[+-][0-9]+)?))re");
        static const std::regex reserved(".*(_total|_count|_sum|_bucket|gauge|counter).*");
        if (text.empty() || text.back() != '\n') problem = "the last line has no end";
        std::istringstream lines(text);
        std::set<std::string> seen;
        std::string current;
        for (std::string line; std::getline(lines, line) && problem.empty();) {
            std::smatch found;
            if (std::regex_match(line, found, help)) {
                current = found[1];
                if (!seen.insert(current).second || std::regex_match(current, reserved))
                    problem = line;
                if (!std::getline(lines, line) || line != "# TYPE " + current + " gauge")
                    problem = line;
            } else if (std::regex_match(line, found, sample) && found[1] == current) {
                if (!values.emplace(line.substr(0, line.rfind(' ')), std::stod(found[4])).second)
                    problem = line;
            } else {
                problem = line;
            }
        }
    }
};

}  // namespace mastobak::test
