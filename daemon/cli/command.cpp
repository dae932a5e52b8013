// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/records/json.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {

Error for_reader(const Error& error) {
    const bool refused = error.text().find("Permission denied") != std::string::npos ||
                         error.text().find("Operation not permitted") != std::string::npos;
    // What the helper for containers was refused is not the user's right.
    const bool of_engine = error.code() == Errc::units && !error.hint().empty();
    if (::geteuid() == 0 || !refused || error.code() == Errc::usage || of_engine)
        return hinted(error);
    return Error(error.code(), error.text(),
                 "this user may not do that, but root may: sudo mastobak; members of the group "
                 "'mastobak' may ask the daemon (run, status, cancel, drill, upload)");
}

config::Config load_config(const Options& options) {
    auto loaded = config::load(options.config, options.instance);
    if (loaded.problems.empty()) return std::move(loaded.config);
    for (const auto& problem : loaded.problems) say_error("{}\n", problem.to_string());
    throw Error(Errc::config,
                fmt::format("'{}' has {}", options.config.native(),
                            counted(loaded.problems.size(), "problem")),
                "mastobak check-config shows them again; mastobak setup writes a new one");
}

std::string find_set(const config::Config& config, const std::string& name) {
    const store::Staging staging(config.staging.path);
    const auto sets = staging.list();
    if (sets.empty())
        throw Error(Errc::usage,
                    fmt::format("there is no backup set in '{}'", config.staging.path.native()),
                    "mastobak run makes one");
    if (name.empty() || name == "latest") return sets.back();
    if (std::find(sets.begin(), sets.end(), name) != sets.end()) return name;
    throw Error(Errc::usage,
                fmt::format("there is no set '{}' in '{}'", name, config.staging.path.native()),
                "mastobak list shows the sets");
}

void print_error(const Options& options, const Error& failure) {
    const auto error = for_reader(failure);
    if (options.json) say_json(to_json(error));
    std::fflush(stdout);  // keeps the order if both streams go to the same file
    say_error("mastobak: {}\n", error.what());
}

const config::Remote& remote_named(const config::Config& config, const std::string& name) {
    const auto found = std::ranges::find(config.offsite, name, &config::Remote::name);
    if (found != config.offsite.end()) return *found;
    throw Error(Errc::usage, fmt::format("the configuration has no remote '{}'", name),
                "the names are those of `offsite:` in the configuration");
}

}  // namespace mastobak::daemon
