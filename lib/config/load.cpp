// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/check.hpp"
#include "config/keys.hpp"
#include "config/yaml_tree.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/privilege.hpp"

namespace mastobak::config {
namespace {

constexpr Bytes largest_file{std::uint64_t{1} << 20};

void read_root(const YamlNode& root, Config& config, Reading& reading) {
    if (root.kind == YamlNode::Kind::null) return;
    if (root.kind == YamlNode::Kind::mapping)
        return read_mapping(root, "", keys_of(config), reading);
    reading.problem(root.line,
                    fmt::format("the file is {}, but has to be a mapping", to_string(root.kind)),
                    "write 'section:' and its keys below it, indented");
}

/// Adds the containers of the project to the units that are stopped. Units of systemd are stopped
/// beside them only when the file names them.
void add_containers(Mastodon& mastodon, const Reading& reading) {
    const auto& compose = mastodon.compose;
    if (!compose.used()) return;
    if (!reading.has("mastodon.units")) mastodon.units.clear();
    for (const auto* services : {&compose.web, &compose.streaming, &compose.sidekiq})
        for (const auto& service : *services)
            mastodon.units.push_back(fmt::format("{}/{}/*.container", compose.project, service));
}

}  // namespace

std::string Problem::to_string() const {
    const auto where = line > 0 ? fmt::format("{}:{}", file.native(), line) : file.native();
    return fmt::format("{}: {}{}{}", where, text, hint.empty() ? "" : "; hint: ", hint);
}

Config::Config(Instance of)
    : instance(std::move(of)),
      state_directory(instance.state_directory()),
      runtime_directory(instance.runtime_directory()) {
    staging.path = state_directory / "staging";
}

Loaded load_text(const std::string& text, const std::filesystem::path& file,
                 const Instance& instance) {
    Loaded loaded;
    loaded.config = Config(instance);
    loaded.config.source = file;
    Reading reading(file);
    if (const auto root = parse_yaml(text, file, reading.problems())) {
        read_root(*root, loaded.config, reading);
        add_containers(loaded.config.mastodon, reading);
        check(loaded.config, reading);
    }
    loaded.problems = std::move(reading.problems());
    std::stable_sort(loaded.problems.begin(), loaded.problems.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    return loaded;
}

Loaded load(const std::filesystem::path& file, const Instance& instance) {
    try {
        const ReadAnything raised;
        return load_text(read_file(file, Errc::config, largest_file), file, instance);
    } catch (const Error& error) {
        Loaded loaded;
        loaded.config = Config(instance);
        loaded.config.source = file;
        auto hint = error.hint().empty() ? "--config names another file; `mastobak setup` makes one"
                                         : error.hint();
        loaded.problems.push_back({file, 0, error.text(), std::move(hint)});
        return loaded;
    }
}

}  // namespace mastobak::config
