// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/assemble_manifest.hpp"

#include <utility>

#include "backup/version.hpp"
#include "mastodon/database_settings.hpp"
#include "mastodon/instance.hpp"

namespace mastobak::backup {

std::string_view to_string(config::ConsistencyMode mode) {
    switch (mode) {
        case config::ConsistencyMode::quiesce:
            return "quiesce";
        case config::ConsistencyMode::offline:
            return "offline";
        case config::ConsistencyMode::live:
            return "live";
    }
    return "quiesce";
}

store::Manifest assemble_manifest(config::ConsistencyMode mode, const Plan& plan,
                                  NightResults results) {
    store::Manifest manifest;
    manifest.set = std::move(results.set);
    manifest.host = std::move(results.host);
    manifest.mastobak_version = version;
    manifest.started_at = results.started_at;
    manifest.finished_at = results.finished_at;
    manifest.instant = results.instant;
    manifest.mode = to_string(mode);
    manifest.note = std::move(results.note);
    manifest.warnings = std::move(results.warnings);

    auto& outage = results.outage;
    manifest.consistent = outage.consistent;
    manifest.units = std::move(outage.units);
    manifest.downtime = outage.downtime;
    manifest.downtime_parts = std::move(outage.parts);
    manifest.freeze = outage.freeze;
    manifest.quiet = outage.quiet;

    auto& database = manifest.database;
    database.name = plan.database.database;
    database.owner = plan.facts.owner;
    database.mastodon_role = mastodon::database_settings(plan.instance.environment).user;
    database.roles = plan.recorded.roles;
    database.settings = plan.recorded.settings;
    database.server_version = plan.facts.server_version_text;
    database.image = plan.tools.image;
    database.schema_version = plan.facts.schema_version;
    database.encoding = plan.facts.encoding;
    database.collation = plan.facts.collation;
    database.ctype = plan.facts.ctype;
    database.locale_provider = plan.facts.locale_provider;
    database.locale = plan.facts.locale;
    database.pg_dump_version = plan.tools.version;
    database.size = plan.facts.size;
    database.dump_uncompressed = results.dump_uncompressed;
    database.base = std::move(results.base);
    database.rows = std::move(results.rows);
    for (const auto& [name, number] : plan.facts.extensions)
        database.extensions.push_back(name + " " + number);
    database.tablespaces = plan.facts.tablespaces;

    manifest.media.elsewhere = !results.media;
    if (results.media) manifest.media = std::move(*results.media);
    manifest.reconciliation = std::move(results.reconciliation);
    manifest.config_files = std::move(results.config_files);
    return manifest;
}

}  // namespace mastobak::backup
