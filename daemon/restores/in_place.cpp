// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/restores/in_place.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "units/record.hpp"

namespace mastobak::daemon {
namespace fs = std::filesystem;

namespace {

constexpr auto unit_directory = "/etc/systemd/system";

bool is_env_file(const fs::path& path, const fs::path& directory) {
    const auto name = path.filename().native();
    const bool named = name == ".env" || name.starts_with(".env.");
    return named && (directory.empty() || path.parent_path() == directory);
}

/// Returns whether a path is a unit file or a drop-in of a matching unit, also of a template:
/// "…/mastodon-web.service", "…/mastodon-web.service.d/x.conf".
bool is_unit_file(const fs::path& path, const std::vector<std::string>& patterns) {
    const auto above = path.parent_path();
    if (above == unit_directory) return units::matches_one(path.filename(), patterns);
    if (above.parent_path() != unit_directory || above.extension() != ".d" ||
        path.extension() != ".conf")
        return false;
    return units::matches_one(above.stem(), patterns);
}

bool is_in(const fs::path& path, const fs::path& named) {
    const auto whole = named.lexically_normal();
    const auto [end, ignored] = std::mismatch(whole.begin(), whole.end(), path.begin(), path.end());
    // The path of a directory may end with a slash.
    return end == whole.end() || (end->empty() && std::next(end) == whole.end());
}

}  // namespace

std::function<bool(const std::string&)> belongs_to_mastodon(const config::Config& config,
                                                            const mastodon::Instance* instance) {
    auto directory = instance ? instance->directory : config.mastodon.directory;
    auto named = config.files.nginx;
    named.insert(named.end(), config.files.extra.begin(), config.files.extra.end());
    if (!config.mastodon.env_file.empty()) named.push_back(config.mastodon.env_file);
    return [directory = directory.lexically_normal(), named = std::move(named),
            patterns = config.mastodon.units](const std::string& member) {
        const auto path = (fs::path("/") / member).lexically_normal();
        return is_env_file(path, directory) || is_unit_file(path, patterns) ||
               std::any_of(named.begin(), named.end(),
                           [&](const auto& one) { return is_in(path, one); });
    };
}

}  // namespace mastobak::daemon
