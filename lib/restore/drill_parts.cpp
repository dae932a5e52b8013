// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill_parts.hpp"

#include "core/error.hpp"

namespace mastobak::restore {

std::string part_name(const std::string& artifact) {
    if (artifact == "database.dump.zst") return "dump";
    if (artifact == "media.index.zst") return "index";
    if (artifact == "config.tar.zst") return "configuration";
    return artifact;
}

Parts fetch_parts(SetSource& source, const store::Manifest& manifest,
                  std::vector<postgres::Check>& checks,
                  const std::function<void(const store::Artifact&)>& on_part,
                  std::stop_token stop) {
    Parts parts;
    for (const auto& artifact : manifest.artifacts) {
        if (on_part) on_part(artifact);
        postgres::Check check{.name = part_name(artifact.name), .figure = to_string(artifact.size)};
        try {
            parts[artifact.name] = source.artifact(manifest, artifact.name, stop);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            postgres::add_problem(check, error.text());
        }
        checks.push_back(std::move(check));
    }
    return parts;
}

}  // namespace mastobak::restore
