// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/json.hpp"
#include "store/formats/byte_text.hpp"
#include "store/formats/manifest.hpp"
#include "store/formats/names.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::store {
namespace {

using json = Json;

/// A value of the file with its path, for messages: "media.packs[3].size".
class Value {
 public:
    Value(const json& value, const std::string& file, std::string path)
        : value_(value), file_(file), path_(std::move(path)) {}

    [[noreturn]] void fail(std::string_view problem) const {
        throw Error(Errc::corrupt, fmt::format("'{}' is not a manifest that can be used: '{}' {}",
                                               file_, path_, problem));
    }

    Value operator[](const char* key) const {
        if (!value_.is_object()) fail("is not an object");
        const auto found = value_.find(key);
        const Value below(found == value_.end() ? value_ : *found, file_, join(key));
        if (found == value_.end()) below.fail("is missing");
        return below;
    }
    bool has(const char* key) const { return value_.is_object() && value_.contains(key); }

    template <typename Each>
    void each(Each each) const {
        if (!value_.is_array()) fail("is not an array");
        for (std::size_t i = 0; i < value_.size(); ++i)
            each(Value(value_[i], file_, fmt::format("{}[{}]", path_, i)));
    }

    template <typename Each>
    void each_member(Each each) const {
        if (!value_.is_object()) fail("is not an object");
        for (const auto& [key, value] : value_.items())
            each(bytes_of(key), Value(value, file_, join(key)));
    }

    bool flag() const {
        if (!value_.is_boolean()) fail("is not true or false");
        return value_.get<bool>();
    }
    std::uint64_t count() const {
        if (!value_.is_number_unsigned()) fail("is not a whole number that is not negative");
        const auto number = value_.get<std::uint64_t>();
        // The limit prevents an overflow when a few of these numbers are added.
        if (number > std::uint64_t{1} << 60) fail("is larger than anything that exists");
        return number;
    }
    Bytes size() const { return {count()}; }
    std::chrono::nanoseconds duration() const {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(count()));
    }
    std::string text() const {
        if (!value_.is_string()) fail("is not a string");
        return bytes_of(value_.get_ref<const std::string&>());
    }
    std::vector<std::string> texts() const {
        std::vector<std::string> all;
        each([&](const Value& item) { all.push_back(item.text()); });
        return all;
    }
    std::string name(bool (*right)(std::string_view)) const {
        auto result = text();
        if (!right(result)) fail("is not a name that mastobak gives");
        return result;
    }
    Timestamp time() const {
        const auto time = parse_iso8601(text());
        if (!time) fail("is not a time like '2026-11-22T03:00:00.5Z'");
        return *time;
    }
    Digest digest() const {
        const auto digest = parse_digest(text());
        if (!digest) fail("is not a SHA-256");
        return *digest;
    }

 private:
    std::string join(std::string_view key) const {
        return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
    }
    std::string bytes_of(const std::string& text) const {
        auto bytes = from_utf8(text);
        if (!bytes) fail("has an escape that is none");
        return std::move(*bytes);
    }

    const json& value_;
    const std::string& file_;
    std::string path_;
};

void check_version(const Value& root, const std::string& where) {
    if (root["format"].text() != "mastobak-set") root["format"].fail("is not 'mastobak-set'");
    const auto version = root["version"].count();
    if (version == 0) root["version"].fail("is 0");
    if (version > Manifest::current_version)
        throw Error(Errc::corrupt,
                    fmt::format("'{}' has version {}, but this mastobak knows versions up to {}",
                                where, version, Manifest::current_version),
                    "use the mastobak that made the set, or a newer one");
}

void read_database(const Value& from, Manifest& manifest) {
    auto& to = manifest.database;
    to.name = from["name"].text();
    to.owner = from["owner"].text();
    to.server_version = from["server_version"].text();
    to.schema_version = from["schema_version"].text();
    to.encoding = from["encoding"].text();
    to.collation = from["collation"].text();
    to.ctype = from["ctype"].text();
    // Older sets do not have these fields.
    if (from.has("locale_provider")) {
        to.locale_provider = from["locale_provider"].text();
        to.locale = from["locale"].text();
    }
    // Older sets do not have these fields.
    if (from.has("mastodon_role")) {
        to.mastodon_role = from["mastodon_role"].text();
        to.roles = from["roles"].texts();
        to.settings = from["settings"].texts();
    }
    to.pg_dump_version = from["pg_dump_version"].text();
    to.size = from["size"].size();
    to.dump_uncompressed = from["dump_uncompressed"].size();
    if (from.has("extensions")) to.extensions = from["extensions"].texts();
    if (from.has("tablespaces")) to.tablespaces = from["tablespaces"].texts();
    from["rows"].each_member([&](std::string table, const Value& rows) {
        to.rows[std::move(table)] = static_cast<std::int64_t>(rows.count());
    });
}

void read_media(const Value& from, Manifest& manifest) {
    auto& to = manifest.media;
    to.elsewhere = from["elsewhere"].flag();
    to.root = from["root"].text();
    to.scope = from["scope"].text();
    to.excluded = from["excluded"].texts();
    to.excluded_bytes = from["excluded_bytes"].size();
    if (from.has("followed_links"))
        from["followed_links"].each([&](const Value& link) {
            to.followed_links.emplace_back(link["path"].text(), link["target"].text());
        });
    to.files = from["files"].count();
    to.bytes = from["bytes"].size();
    to.new_files = from["new_files"].count();
    to.new_bytes = from["new_bytes"].size();
    to.vanished = from["vanished"].count();
    std::set<std::string> names;
    from["packs"].each([&](const Value& pack) {
        to.packs.push_back({pack["name"].name(is_pack_name), pack["size"].size(),
                            pack["sha256"].digest(), pack["entries"].count(),
                            // Earlier versions did not record it; then no part of the pack counts
                            // as unused.
                            pack.has("live") ? pack["live"].size() : pack["size"].size()});
        if (!names.insert(to.packs.back().name).second) pack["name"].fail("is there twice");
    });
}

void read_reconciliation(const Value& from, Manifest& manifest) {
    auto& to = manifest.reconciliation;
    to.done = from["done"].flag();
    from["columns"].each([&](const Value& column) {
        to.columns.push_back({column["column"].text(), column["rows"].count(),
                              column["files"].count(), column["missing"].count(),
                              column["unclear"].count(), column["unreadable"].count(),
                              column["other_size"].count()});
    });
    to.notes = from["notes"].texts();
}

void read_artifacts(const Value& from, Manifest& manifest) {
    // Names that the list may not have.
    std::set<std::string> names{"manifest.json", "SHA256SUMS", std::string(signature_name)};
    from.each([&](const Value& artifact) {
        manifest.artifacts.push_back({artifact["name"].name(is_plain_name), artifact["size"].size(),
                                      artifact["sha256"].digest()});
        if (!names.insert(manifest.artifacts.back().name).second)
            artifact["name"].fail("is there twice");
    });
}

}  // namespace

Manifest parse_manifest(const std::string& text, const std::string& where) {
    const auto document = json::parse(text, nullptr, false);
    if (document.is_discarded())
        throw Error(Errc::corrupt, fmt::format("'{}' is not a manifest: it is not JSON", where));
    const Value root(document, where, "");
    check_version(root, where);

    Manifest manifest;
    manifest.set = root["set"].name(is_set_name);
    manifest.host = root["host"].text();
    manifest.mastobak_version = root["mastobak_version"].text();
    manifest.started_at = root["started_at"].time();
    manifest.finished_at = root["finished_at"].time();
    manifest.instant = root["instant"].time();
    manifest.mode = root["mode"].text();
    manifest.consistent = root["consistent"].flag();
    manifest.warnings = root["warnings"].texts();
    root["units"].each([&](const Value& unit) {
        manifest.units.push_back({unit["name"].text(), unit["down_ns"].duration()});
    });
    manifest.downtime = root["downtime_ns"].duration();
    if (root.has("freeze_ns")) manifest.freeze = root["freeze_ns"].duration();
    root["downtime_parts"].each([&](const Value& part) {
        manifest.downtime_parts.push_back({part["name"].text(), part["took_ns"].duration()});
    });
    manifest.quiet = root["quiet_ns"].duration();
    read_database(root["database"], manifest);
    read_media(root["media"], manifest);
    read_reconciliation(root["reconciliation"], manifest);
    manifest.config_files = root["config_files"].texts();
    read_artifacts(root["artifacts"], manifest);
    return manifest;
}

}  // namespace mastobak::store
