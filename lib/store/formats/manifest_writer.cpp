// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/json.hpp"
#include "store/formats/byte_text.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::store {
namespace {

// Keys keep the order in which they are written here, because people read this file, too.
using ordered_json = OrderedJson;

ordered_json strings(const std::vector<std::string>& values) {
    auto array = ordered_json::array();
    for (const auto& value : values) array.push_back(to_utf8(value));
    return array;
}

ordered_json downtime_parts(const Manifest& manifest) {
    ordered_json parts = ordered_json::array();
    for (const auto& part : manifest.downtime_parts)
        parts.push_back({{"name", part.name}, {"took_ns", part.took.count()}});
    return parts;
}

ordered_json units(const Manifest& manifest) {
    auto array = ordered_json::array();
    for (const auto& unit : manifest.units)
        array.push_back({{"name", to_utf8(unit.name)}, {"down_ns", unit.down.count()}});
    return array;
}

ordered_json database(const Manifest& manifest) {
    const auto& from = manifest.database;
    auto rows = ordered_json::object();
    for (const auto& [table, count] : from.rows) rows[to_utf8(table)] = count;
    return {{"name", to_utf8(from.name)},
            {"owner", to_utf8(from.owner)},
            {"mastodon_role", to_utf8(from.mastodon_role)},
            {"roles", strings(from.roles)},
            {"settings", strings(from.settings)},
            {"server_version", to_utf8(from.server_version)},
            {"schema_version", to_utf8(from.schema_version)},
            {"encoding", to_utf8(from.encoding)},
            {"collation", to_utf8(from.collation)},
            {"ctype", to_utf8(from.ctype)},
            {"locale_provider", to_utf8(from.locale_provider)},
            {"locale", to_utf8(from.locale)},
            {"pg_dump_version", to_utf8(from.pg_dump_version)},
            {"size", from.size.count},
            {"dump_uncompressed", from.dump_uncompressed.count},
            {"rows", std::move(rows)},
            {"extensions", strings(from.extensions)},
            {"tablespaces", strings(from.tablespaces)}};
}

ordered_json media(const Manifest& manifest) {
    const auto& from = manifest.media;
    auto packs = ordered_json::array();
    for (const auto& pack : from.packs)
        packs.push_back({{"name", pack.name},
                         {"size", pack.size.count},
                         {"sha256", to_hex(pack.sha256)},
                         {"entries", pack.entries},
                         {"live", pack.live.count}});
    auto links = ordered_json::array();
    for (const auto& [path, target] : from.followed_links)
        links.push_back({{"path", to_utf8(path)}, {"target", to_utf8(target)}});
    return {{"elsewhere", from.elsewhere},
            {"root", to_utf8(from.root)},
            {"scope", to_utf8(from.scope)},
            {"excluded", strings(from.excluded)},
            {"excluded_bytes", from.excluded_bytes.count},
            {"followed_links", std::move(links)},
            {"files", from.files},
            {"bytes", from.bytes.count},
            {"new_files", from.new_files},
            {"new_bytes", from.new_bytes.count},
            {"vanished", from.vanished},
            {"packs", std::move(packs)}};
}

ordered_json reconciliation(const Manifest& manifest) {
    const auto& from = manifest.reconciliation;
    auto columns = ordered_json::array();
    for (const auto& column : from.columns)
        columns.push_back({{"column", to_utf8(column.column)},
                           {"rows", column.rows},
                           {"files", column.files},
                           {"missing", column.missing},
                           {"unclear", column.unclear},
                           {"unreadable", column.unreadable},
                           {"other_size", column.other_size}});
    return {{"done", from.done}, {"columns", std::move(columns)}, {"notes", strings(from.notes)}};
}

ordered_json artifacts(const Manifest& manifest) {
    auto array = ordered_json::array();
    for (const auto& artifact : manifest.artifacts)
        array.push_back({{"name", artifact.name},
                         {"size", artifact.size.count},
                         {"sha256", to_hex(artifact.sha256)}});
    return array;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
    const ordered_json root = {{"format", "mastobak-set"},
                               {"version", Manifest::current_version},
                               {"set", manifest.set},
                               {"host", to_utf8(manifest.host)},
                               {"mastobak_version", to_utf8(manifest.mastobak_version)},
                               {"started_at", to_iso8601(manifest.started_at)},
                               {"finished_at", to_iso8601(manifest.finished_at)},
                               {"instant", to_iso8601(manifest.instant)},
                               {"mode", to_utf8(manifest.mode)},
                               {"consistent", manifest.consistent},
                               {"warnings", strings(manifest.warnings)},
                               {"units", units(manifest)},
                               {"downtime_ns", manifest.downtime.count()},
                               {"downtime_parts", downtime_parts(manifest)},
                               {"freeze_ns", manifest.freeze.count()},
                               {"quiet_ns", manifest.quiet.count()},
                               {"database", database(manifest)},
                               {"media", media(manifest)},
                               {"reconciliation", reconciliation(manifest)},
                               {"config_files", strings(manifest.config_files)},
                               {"artifacts", artifacts(manifest)}};
    return root.dump(2) + "\n";
}

}  // namespace mastobak::store
