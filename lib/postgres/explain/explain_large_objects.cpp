// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/explain/explain_large_objects.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <string>

#include "core/error.hpp"
#include "postgres/contents/contents_reader.hpp"
#include "postgres/dump/dump_feeder.hpp"
#include "postgres/rows/copy_rows.hpp"
#include "postgres/rows/large_objects.hpp"

namespace mastobak::postgres {
namespace {

/// The limit for digests in memory. A dump may have any number of large objects.
constexpr std::size_t most_objects = 1'000'000;
constexpr std::size_t most_found = 20;
constexpr auto read_at_once = std::size_t{1} << 20;

struct Objects {
    std::map<std::string, RowDigest> digests;
    RowDigest sum;
    bool all = true;  ///< whether `digests` has all objects

    void add(const std::string& number, const RowDigest& digest) {
        sum += digest;
        all = all && digests.size() < most_objects;
        if (all) digests.emplace(number, digest);
    }
};

Objects objects_of_dump(const dumps::StoredDump& file, const RowKey& key,
                        const std::stop_token& stop) {
    Objects objects;
    ContentsReader reader(key);
    reader.on_large_object(
        [&](auto number, const auto& digest) { objects.add(std::to_string(number), digest); });
    DumpFeeder feeder(file);
    std::string block(read_at_once, '\0');
    const auto bytes = std::as_writable_bytes(std::span(block));
    for (auto size = feeder.fill(bytes); size > 0; size = feeder.fill(bytes)) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        reader.feed(bytes.first(size));
    }
    return objects;
}

RowDigest without(RowDigest sum, const RowDigest& less) {
    sum -= less;
    return sum;
}

/// Returns the object that explains the whole difference alone, if there is one.
std::optional<FoundRow> culprit(const Objects& then, const Objects& now, const RowDigest& wanted) {
    for (const auto& [number, digest] : now.digests) {
        const auto rest = without(now.sum, digest);
        if (rest == wanted)
            return FoundRow{.kind = FoundRow::Kind::added, .key = "oid=" + number, .now = 1};
        const auto before = then.digests.find(number);
        if (before == then.digests.end()) continue;
        auto mended = rest;
        mended += before->second;
        if (mended == wanted) return FoundRow{.key = "oid=" + number, .then = 1, .now = 1};
    }
    for (const auto& [number, digest] : then.digests) {
        auto mended = now.sum;
        mended += digest;
        if (!now.digests.contains(number) && mended == wanted)
            return FoundRow{.kind = FoundRow::Kind::missing, .key = "oid=" + number, .then = 1};
    }
    return std::nullopt;
}

FoundRows differences(const Objects& then, const Objects& now) {
    FoundRows found;
    found.all = then.all && now.all;
    const auto add = [&](FoundRow::Kind kind, const std::string& number) {
        if (++found.keys > most_found) return;
        found.rows.push_back({.kind = kind,
                              .key = "oid=" + number,
                              .then = kind == FoundRow::Kind::added ? 0 : 1,
                              .now = kind == FoundRow::Kind::missing ? 0 : 1});
    };
    for (const auto& [number, digest] : then.digests) {
        const auto there = now.digests.find(number);
        if (there == now.digests.end())
            add(FoundRow::Kind::missing, number);
        else if (!(there->second == digest))
            add(FoundRow::Kind::changed, number);
    }
    for (const auto& [number, digest] : now.digests)
        if (!then.digests.contains(number)) add(FoundRow::Kind::added, number);
    return found;
}

ExplainedTable explain_dumped(const Objects& now, const ExplainInput& input,
                              const std::optional<OtherDump>& other, const std::stop_token& stop) {
    constexpr auto differs = "the dump itself differs from what was recorded";
    ExplainedTable result{.table = "large objects"};
    const auto& wanted = input.recorded.large_objects.digest;
    const auto then = other ? objects_of_dump(other->dump, input.recorded.key, stop) : Objects();
    if (const auto one = culprit(then, now, wanted)) {
        result.finding = fmt::format("{}, and this one explains the whole difference", differs);
        result.rows = {.rows = {*one}, .keys = 1, .exact = true};
        return result;
    }
    if (!other) {
        result.finding = fmt::format(
            "{} (one digest for all large objects), and there is no other set to compare them "
            "with",
            differs);
        return result;
    }
    result.rows = differences(then, now);
    result.rows.exact = result.rows.all && then.sum == wanted;
    result.finding = fmt::format(
        "{}; compared with set {}, {}", differs, other->set,
        then.sum == wanted ? "which has those that were recorded"
                           : "which was made at another time: the wrong ones may or may not be "
                             "among those that differ");
    return result;
}

}  // namespace

std::optional<ExplainedTable> explain_large_objects(
    const ExplainInput& input, const std::function<const std::optional<OtherDump>&()>& other,
    const std::stop_token& stop) {
    const auto& recorded = input.recorded.large_objects;
    const auto dumped = objects_of_dump(input.dump, input.recorded.key, stop);
    if (!(dumped.sum == recorded.digest)) return explain_dumped(dumped, input, other(), stop);
    if (!input.restored || (recorded.rows == 0 && dumped.digests.empty())) return std::nullopt;
    Connection connection(*input.restored, stop);
    write_as_pg_dump(connection, input.recorded.encoding);
    Objects there;
    read_large_objects(connection, input.recorded.key,
                       [&](const auto& number, const auto& digest) { there.add(number, digest); });
    if (there.sum == recorded.digest) return std::nullopt;
    ExplainedTable result{.table = "large objects",
                          .finding =
                              "the dump has the recorded ones, but the database that was restored "
                              "from it has different ones",
                          .rows = differences(dumped, there)};
    result.rows.exact = result.rows.all;
    return result;
}

}  // namespace mastobak::postgres
