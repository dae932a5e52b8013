// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "postgres/dump/dump.hpp"
#include "postgres/inspect.hpp"
#include "postgres/tools.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::test {

/// Fills in a manifest's facts about a database, as a backup does, except its rows and the version
/// of the program.
/// \param mastodon_role may be another role than the owner
inline void describe(store::Manifest& manifest, const std::string& name,
                     const postgres::DatabaseFacts& facts, const postgres::Recorded& recorded,
                     const postgres::Dump& dump, const std::string& mastodon_role) {
    auto& about = manifest.database;
    about.name = name;
    about.owner = facts.owner;
    about.mastodon_role = mastodon_role;
    about.roles = recorded.roles;
    about.settings = recorded.settings;
    about.server_version = facts.server_version_text;
    about.schema_version = facts.schema_version;
    about.encoding = facts.encoding;
    about.collation = facts.collation;
    about.ctype = facts.ctype;
    about.locale_provider = facts.locale_provider;
    about.locale = facts.locale;
    about.size = facts.size;
    about.dump_uncompressed = dump.uncompressed;
}

}  // namespace mastobak::test
