// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/formats/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/json.hpp"
#include "store/formats/byte_text.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::store {
namespace {

using Names = std::set<std::string>;
using IsName = bool (*)(std::string_view);
using ProblemOf = std::string (*)(std::string_view);

/// Older versions of mastobak can read sets without a base, or without a base of the index.
constexpr int version_without_base = 1, version_with_whole_index = 2;

int version_of(const Manifest& manifest) {
    if (manifest.media.index_base) return Manifest::current_version;
    return manifest.database.base ? version_with_whole_index : version_without_base;
}

/// Lists the base of a dump or of an index, which not every set has.
template <typename Io>
void list_base(Io& io, const char* key, IsName is_name, auto& base) {
    if constexpr (Io::reads) {
        if (!io.has(key)) return;
        base.emplace();
    }
    if (!base) return;
    Names names;
    io.object(key, [&](auto& below) {
        below.name("name", base->name, is_name, names);
        below("size", base->size);
        below("sha256", base->sha256);
        if constexpr (requires { base->uncompressed; }) below("uncompressed", base->uncompressed);
    });
}

/// Lists the fields of a manifest once for both directions, in the order of the file, because
/// people read it. Older sets lack the fields that has() is asked for.
template <typename Io>
void list_database(Io& io, auto& database) {
    io("name", database.name);
    io("owner", database.owner);
    if (io.has("mastodon_role")) {
        io("mastodon_role", database.mastodon_role);
        io("roles", database.roles);
        io("settings", database.settings);
    }
    io("server_version", database.server_version);
    if (Io::reads ? io.has("image") : !database.image.empty()) io("image", database.image);
    io("schema_version", database.schema_version);
    io("encoding", database.encoding);
    io("collation", database.collation);
    io("ctype", database.ctype);
    if (io.has("locale_provider")) {
        io("locale_provider", database.locale_provider);
        io("locale", database.locale);
    }
    io("pg_dump_version", database.pg_dump_version);
    io("size", database.size);
    io("dump_uncompressed", database.dump_uncompressed);
    list_base(io, "base", is_base_name, database.base);
    io("rows", database.rows);
    if (io.has("extensions")) io("extensions", database.extensions);
    if (io.has("tablespaces")) io("tablespaces", database.tablespaces);
}

template <typename Io>
void list_media(Io& io, auto& media) {
    io("elsewhere", media.elsewhere);
    io("root", media.root);
    io("scope", media.scope);
    io("excluded", media.excluded);
    io("excluded_bytes", media.excluded_bytes);
    if (io.has("followed_links"))
        io.array("followed_links", media.followed_links, [](auto& item, auto& link) {
            item("path", link.first);
            item("target", link.second);
        });
    io("files", media.files);
    io("bytes", media.bytes);
    io("new_files", media.new_files);
    io("new_bytes", media.new_bytes);
    io("vanished", media.vanished);
    Names names;
    io.array("packs", media.packs, [&names](auto& item, auto& pack) {
        item.name("name", pack.name, is_pack_name, names);
        item("size", pack.size);
        item("sha256", pack.sha256);
        item("entries", pack.entries);
        // Earlier versions did not record it; then no part of the pack counts as unused.
        if constexpr (Io::reads) pack.live = pack.size;
        if (item.has("live")) item("live", pack.live);
    });
    list_base(io, "index_base", is_index_name, media.index_base);
}

void list_reconciliation(auto& io, auto& reconciliation) {
    io("done", reconciliation.done);
    io.array("columns", reconciliation.columns, [](auto& item, auto& column) {
        item("column", column.column);
        item("rows", column.rows);
        item("files", column.files);
        item("missing", column.missing);
        item("unclear", column.unclear);
        item("unreadable", column.unreadable);
        item("other_size", column.other_size);
    });
    io("notes", reconciliation.notes);
}

void list_manifest(auto& io, auto& manifest) {
    Names sets;
    io.name("set", manifest.set, is_set_name, sets);
    io("host", manifest.host);
    io("mastobak_version", manifest.mastobak_version);
    io("started_at", manifest.started_at);
    io("finished_at", manifest.finished_at);
    io("instant", manifest.instant);
    io("mode", manifest.mode);
    io("consistent", manifest.consistent);
    if (io.has("note")) io.text("note", manifest.note, problem_of_note);
    io("warnings", manifest.warnings);
    io.array("units", manifest.units, [](auto& item, auto& unit) {
        item("name", unit.name);
        item("down_ns", unit.down);
    });
    io("downtime_ns", manifest.downtime);
    io.array("downtime_parts", manifest.downtime_parts, [](auto& item, auto& part) {
        item("name", part.name);
        item("took_ns", part.took);
    });
    if (io.has("freeze_ns")) io("freeze_ns", manifest.freeze);
    io("quiet_ns", manifest.quiet);
    io.object("database", [&](auto& below) { list_database(below, manifest.database); });
    io.object("media", [&](auto& below) { list_media(below, manifest.media); });
    io.object("reconciliation",
              [&](auto& below) { list_reconciliation(below, manifest.reconciliation); });
    io("config_files", manifest.config_files);
    // Names that the list may not have.
    Names names{"manifest.json", "SHA256SUMS", std::string(signature_name)};
    io.array("artifacts", manifest.artifacts, [&names](auto& item, auto& artifact) {
        item.name("name", artifact.name, is_plain_name, names);
        item("size", artifact.size);
        item("sha256", artifact.sha256);
    });
}

class Writer {
 public:
    static constexpr bool reads = false;

    bool has(const char*) const { return true; }
    template <typename T>
    void operator()(const char* key, const T& value) {
        json_[key] = json_of(value);
    }
    void name(const char* key, const std::string& value, IsName, const Names&) {
        json_[key] = value;
    }
    void text(const char* key, const std::string& value, ProblemOf) {
        if (!value.empty()) (*this)(key, value);
    }
    template <typename List>
    void object(const char* key, List list) {
        Writer below;
        list(below);
        json_[key] = std::move(below.json_);
    }
    template <typename Values, typename List>
    void array(const char* key, const Values& values, List list) {
        auto& array = json_[key] = OrderedJson::array();
        for (const auto& value : values) {
            Writer item;
            list(item, value);
            array.push_back(std::move(item.json_));
        }
    }
    std::string text() const { return json_.dump(2) + "\n"; }

 private:
    template <typename T>
    static OrderedJson json_of(const T& value) {
        return value;
    }
    static OrderedJson json_of(const std::string& value) { return to_utf8(value); }
    static OrderedJson json_of(const std::vector<std::string>& values) {
        auto array = OrderedJson::array();
        for (const auto& value : values) array.push_back(to_utf8(value));
        return array;
    }
    static OrderedJson json_of(const std::map<std::string, std::int64_t>& values) {
        auto object = OrderedJson::object();
        for (const auto& [key, value] : values) object[to_utf8(key)] = value;
        return object;
    }
    static OrderedJson json_of(Bytes value) { return value.count; }
    static OrderedJson json_of(Timestamp value) { return to_iso8601(value); }
    static OrderedJson json_of(std::chrono::nanoseconds value) { return value.count(); }
    static OrderedJson json_of(const Digest& value) { return to_hex(value); }

    OrderedJson json_ = OrderedJson::object();
};

/// A value of the file with its path, for messages: "media.packs[3].size".
class Reader {
 public:
    static constexpr bool reads = true;

    Reader(const Json& json, const std::string& file, std::string path)
        : json_(json), file_(file), path_(std::move(path)) {}

    bool has(const char* key) const { return json_.is_object() && json_.contains(key); }
    template <typename T>
    void operator()(const char* key, T& value) const {
        (*this)[key].read(value);
    }
    /// A name that the program gives.
    /// \param known names that it may not be; receives the name
    void name(const char* key, std::string& value, IsName right, Names& known) const {
        const auto name = (*this)[key];
        name.read(value);
        if (!right(value)) name.fail("is not a name that mastobak uses");
        if (!known.insert(value).second) name.fail("occurs twice");
    }
    /// A text that has to meet conditions.
    void text(const char* key, std::string& value, ProblemOf problem_of) const {
        const auto text = (*this)[key];
        text.read(value);
        if (const auto problem = problem_of(value); !problem.empty()) text.fail(problem);
    }
    template <typename List>
    void object(const char* key, List list) const {
        const auto below = (*this)[key];
        list(below);
    }
    template <typename Values, typename List>
    void array(const char* key, Values& values, List list) const {
        (*this)[key].each([&](const Reader& item) { list(item, values.emplace_back()); });
    }

    void check_version() const {
        std::string format;
        std::uint64_t version = 0;
        (*this)("format", format);
        if (format != "mastobak-set") (*this)["format"].fail("is not 'mastobak-set'");
        (*this)("version", version);
        if (version == 0) (*this)["version"].fail("is 0");
        if (version > Manifest::current_version)
            throw Error(Errc::corrupt,
                        fmt::format("'{}' has version {}, but this mastobak knows versions up to "
                                    "{}",
                                    file_, version, Manifest::current_version),
                        "use the mastobak that made the set, or a newer one");
    }

 private:
    [[noreturn]] void fail(std::string_view problem) const {
        throw Error(Errc::corrupt, fmt::format("'{}' is not a manifest that can be used: '{}' {}",
                                               file_, path_, problem));
    }
    Reader operator[](const char* key) const {
        if (!json_.is_object()) fail("is not an object");
        const auto found = json_.find(key);
        Reader below(found == json_.end() ? json_ : *found, file_, join(key));
        if (found == json_.end()) below.fail("is missing");
        return below;
    }
    template <typename Each>
    void each(Each each) const {
        if (!json_.is_array()) fail("is not an array");
        for (std::size_t i = 0; i < json_.size(); ++i)
            each(Reader(json_[i], file_, fmt::format("{}[{}]", path_, i)));
    }
    std::string join(std::string_view key) const {
        return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
    }
    std::string bytes_of(const std::string& text) const {
        auto bytes = from_utf8(text);
        if (!bytes) fail("has an invalid escape");
        return std::move(*bytes);
    }

    void read(bool& value) const {
        if (!json_.is_boolean()) fail("is not true or false");
        value = json_.get<bool>();
    }
    void read(std::uint64_t& value) const {
        if (!json_.is_number_unsigned()) fail("is not a whole number that is not negative");
        value = json_.get<std::uint64_t>();
        // The limit prevents an overflow when a few of these numbers are added.
        if (value > std::uint64_t{1} << 60) fail("is too large");
    }
    void read(Bytes& value) const { read(value.count); }
    void read(std::int64_t& value) const {
        std::uint64_t count = 0;
        read(count);
        value = static_cast<std::int64_t>(count);
    }
    void read(std::chrono::nanoseconds& value) const {
        std::int64_t count = 0;
        read(count);
        value = std::chrono::nanoseconds(count);
    }
    void read(std::string& value) const {
        if (!json_.is_string()) fail("is not a string");
        value = bytes_of(json_.get_ref<const std::string&>());
    }
    void read(std::vector<std::string>& values) const {
        each([&](const Reader& item) { item.read(values.emplace_back()); });
    }
    void read(std::map<std::string, std::int64_t>& values) const {
        if (!json_.is_object()) fail("is not an object");
        for (const auto& [key, value] : json_.items())
            Reader(value, file_, join(key)).read(values[bytes_of(key)]);
    }
    void read(Timestamp& value) const {
        std::string text;
        read(text);
        const auto time = parse_iso8601(text);
        if (!time) fail("is not a time like '2026-11-22T03:00:00.5Z'");
        value = *time;
    }
    void read(Digest& value) const {
        std::string text;
        read(text);
        const auto digest = parse_digest(text);
        if (!digest) fail("is not a SHA-256");
        value = *digest;
    }

    const Json& json_;
    const std::string& file_;
    const std::string path_;
};

}  // namespace

std::string to_json(const Manifest& manifest) {
    Writer writer;
    writer("format", "mastobak-set");
    writer("version", version_of(manifest));
    list_manifest(writer, manifest);
    return writer.text();
}

Manifest parse_manifest(const std::string& text, const std::string& where) {
    const auto document = Json::parse(text, nullptr, false);
    if (document.is_discarded())
        throw Error(Errc::corrupt, fmt::format("'{}' is not a manifest: it is not JSON", where));
    const Reader root(document, where, "");
    root.check_version();
    Manifest manifest;
    list_manifest(root, manifest);
    return manifest;
}

}  // namespace mastobak::store
