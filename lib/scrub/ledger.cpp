// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/lock_file.hpp"
#include "core/files/open.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "offsite/object_name.hpp"
#include "store/formats/names.hpp"

namespace mastobak::scrub {
namespace fs = std::filesystem;
namespace {

using json = Json;

constexpr std::size_t most_objects = 1'000'000;
constexpr std::size_t most_sets = 10'000;
constexpr int most_failures = 1000;

bool is_object_name(const std::string& name) {
    try {
        const auto split = offsite::split_name(name);
        return split.directory == "media" || split.directory == "database" ||
               (split.directory.starts_with("sets/") &&
                store::is_set_name(split.directory.substr(5)));
    } catch (const Error&) {
        return false;
    }
}

std::string text_from(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return {};
    return readable(found->get<std::string>().substr(0, longest_text));
}

std::vector<std::string> texts_from(const json& object, const char* key, std::size_t most) {
    std::vector<std::string> texts;
    const auto found = object.find(key);
    if (found == object.end() || !found->is_array()) return texts;
    for (const auto& text : *found) {
        if (texts.size() == most) break;
        if (text.is_string())
            texts.push_back(readable(text.get<std::string>().substr(0, longest_text)));
    }
    return texts;
}

std::optional<Timestamp> time_from(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return std::nullopt;
    const auto time = parse_iso8601(found->get<std::string>());
    // A time before 1970 could overflow when it is subtracted.
    return time >= std::optional(Timestamp{}) ? time : std::nullopt;
}

std::uint64_t count_from(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::vector<std::string> sets_from(const json& object) {
    auto sets = texts_from(object, "sets", most_sets);
    std::erase_if(sets, [](const auto& set) { return !store::is_set_name(set); });
    return sets;
}

json to_json(const Damage& damage) {
    return {{"found_at", to_iso8601(damage.found_at)},
            {"problem", damage.problem},
            {"members", damage.members},
            {"member_count", damage.member_count},
            {"sets", damage.sets},
            {"good_copy", damage.good_copy}};
}

Damage damage_from(const json& object) {
    return {time_from(object, "found_at").value_or(Timestamp{}),
            text_from(object, "problem"),
            texts_from(object, "members", most_members),
            count_from(object, "member_count"),
            sets_from(object),
            text_from(object, "good_copy")};
}

json to_json(const Partial& partial) {
    return {{"since", to_iso8601(partial.since)},
            {"bytes", partial.hash.bytes},
            {"hash", to_hex(partial.hash.chaining)},
            {"second", partial.second}};
}

/// \param size size of the object
std::optional<Partial> partial_from(const json& object, std::uint64_t size) {
    const auto since = time_from(object, "since");
    const auto chaining = parse_digest(text_from(object, "hash"));
    const auto bytes = count_from(object, "bytes");
    if (!since || !chaining || bytes >= size || bytes % ResumableSha256::block != 0)
        return std::nullopt;
    const auto second = object.find("second");
    return Partial{*since,
                   {*chaining, bytes},
                   second != object.end() && second->is_boolean() && second->get<bool>()};
}

json to_json(const Record& record) {
    json object{{"size", record.size.count},
                {"sha256", to_hex(record.sha256)},
                {"known_since", to_iso8601(record.known_since)}};
    if (record.read_at) object["read_at"] = to_iso8601(*record.read_at);
    if (!record.by.empty()) object["by"] = record.by;
    if (record.failures > 0) object["failures"] = record.failures;
    if (record.damage) object["damage"] = to_json(*record.damage);
    if (record.partial) object["partial"] = to_json(*record.partial);
    return object;
}

std::optional<Record> record_from(const json& object) {
    if (!object.is_object()) return std::nullopt;
    const auto digest = parse_digest(text_from(object, "sha256"));
    const auto since = time_from(object, "known_since");
    if (!digest || !since) return std::nullopt;
    Record record{{count_from(object, "size")}, *digest, *since};
    record.read_at = time_from(object, "read_at");
    record.by = text_from(object, "by");
    record.failures =
        static_cast<int>(std::min<std::uint64_t>(count_from(object, "failures"), most_failures));
    const auto damage = object.find("damage");
    if (damage != object.end() && damage->is_object()) record.damage = damage_from(*damage);
    const auto partial = object.find("partial");
    if (partial != object.end() && partial->is_object())
        record.partial = partial_from(*partial, record.size.count);
    return record;
}

}  // namespace

fs::path ledger_directory(const fs::path& state_directory) {
    return state_directory / "scrub";
}

std::string title_of(std::string_view place) {
    return place == staging_place ? "staging" : fmt::format("remote '{}'", place);
}

// A remote may also be named "staging", hence the prefix.
fs::path ledger_file(const fs::path& state_directory, std::string_view place) {
    const auto name = place == staging_place ? "staging" : fmt::format("remote-{}", place);
    return ledger_directory(state_directory) / (name + ".json");
}

Ledger read_ledger(const fs::path& state_directory, std::string_view place) {
    const auto file = ledger_file(state_directory, place);
    try {
        return parse_ledger(
            read_beneath(file.parent_path(), file.filename(), Errc::staging, largest_ledger),
            file.native());
    } catch (const Error&) {
        return {};
    }
}

void change_ledger(const fs::path& state_directory, std::string_view place,
                   const std::function<void(Ledger&)>& change) {
    const auto file = ledger_file(state_directory, place);
    const auto lock = lock_directory(file.parent_path());
    auto ledger = read_ledger(state_directory, place);
    const auto before = ledger;
    change(ledger);
    if (ledger != before) write_file(file, to_json(ledger));
}

Summary summarize(std::string_view place, const Ledger& ledger,
                  std::optional<std::chrono::seconds> period, Timestamp now) {
    Summary summary;
    summary.place = place;
    summary.objects = ledger.objects.size();
    summary.problem = ledger.problem;
    for (const auto& [name, record] : ledger.objects) {
        summary.bytes += record.size;
        if (record.damage && ++summary.damaged_count <= most_damaged)
            summary.damaged.emplace(name, *record.damage);
        const auto last = record.read_at.value_or(record.known_since);
        if (period && now > last && now - last > *period) summary.overdue += record.size;
        if (!record.read_at) {
            summary.never_read += record.size;
            continue;
        }
        if (!period || now - *record.read_at <= *period) summary.read += record.size;
        summary.oldest_read =
            std::min(summary.oldest_read.value_or(*record.read_at), *record.read_at);
        summary.newest_read =
            std::max(summary.newest_read.value_or(*record.read_at), *record.read_at);
    }
    return summary;
}

std::string to_json(const Ledger& ledger) {
    json objects = json::object();
    for (const auto& [name, record] : ledger.objects) objects[name] = to_json(record);
    json object{{"objects", std::move(objects)}, {"sets", ledger.sets}};
    if (ledger.listed_at) object["listed_at"] = to_iso8601(*ledger.listed_at);
    if (ledger.attempt_since) object["attempt_since"] = to_iso8601(*ledger.attempt_since);
    if (ledger.slice_at) object["slice_at"] = to_iso8601(*ledger.slice_at);
    if (!ledger.problem.empty()) object["problem"] = ledger.problem;
    return object.dump(1, ' ', true, json::error_handler_t::replace) + "\n";
}

Ledger parse_ledger(const std::string& text, const std::string& where) {
    // No ledger of ours is deeper. A recursive parser would use up the stack on nested brackets.
    constexpr int deepest = 8;
    bool too_deep = false;
    const auto watch = [&too_deep](int depth, json::parse_event_t, json&) {
        too_deep = too_deep || depth > deepest;
        return !too_deep;
    };
    const auto object = json::parse(text, watch, false);
    if (too_deep || !object.is_object())
        throw Error(Errc::staging, fmt::format("'{}' is not a ledger", where));
    Ledger ledger;
    ledger.sets = sets_from(object);
    ledger.listed_at = time_from(object, "listed_at");
    ledger.attempt_since = time_from(object, "attempt_since");
    ledger.slice_at = time_from(object, "slice_at");
    ledger.problem = text_from(object, "problem");
    const auto objects = object.find("objects");
    if (objects == object.end() || !objects->is_object()) return ledger;
    for (const auto& [name, entry] : objects->items()) {
        if (ledger.objects.size() == most_objects) break;
        if (!is_object_name(name)) continue;
        if (auto record = record_from(entry)) ledger.objects.emplace(name, std::move(*record));
    }
    return ledger;
}

}  // namespace mastobak::scrub
