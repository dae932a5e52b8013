// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/nights.hpp"

#include <algorithm>
#include <exception>

#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/json.hpp"
#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

constexpr auto nights_name = "nights.json";
constexpr std::size_t most_nights = 400;
constexpr std::size_t longest_error = 300;

void add_sizes(Night& night, const store::Manifest& manifest) {
    const auto size = size_by_part(manifest);
    night.database = size.database;
    night.media = size.media;
    night.other = size.other;
}

}  // namespace

Night night_of(const RunRecord& record, const store::Manifest* manifest) {
    Night night;
    night.id = record.id;
    night.started_at = record.started_at;
    night.took = record.finished_at.value_or(record.started_at) - record.started_at;
    night.set = record.set;
    night.error = record.error.substr(0, longest_error);
    night.warnings = record.warnings.size();
    night.note = record.note;
    night.downtime = record.downtime;
    if (manifest != nullptr) add_sizes(night, *manifest);
    return night;
}

Night night_of(const store::Manifest& manifest) {
    Night night;
    night.id = manifest.set;
    night.started_at = manifest.started_at;
    night.took = manifest.finished_at - manifest.started_at;
    night.set = manifest.set;
    night.warnings = manifest.warnings.size();
    night.note = manifest.note;
    night.downtime = manifest.downtime;
    add_sizes(night, manifest);
    return night;
}

std::vector<Night> read_nights(const fs::path& state_directory) {
    std::vector<Night> nights;
    try {
        const auto document = Json::parse(read_beneath(state_directory, nights_name));
        for (const auto& night : document.at("nights")) nights.push_back(record_from<Night>(night));
    } catch (const std::exception&) {
        return {};
    }
    std::ranges::stable_sort(nights, {}, &Night::started_at);
    return nights;
}

void add_night(const fs::path& state_directory, const Night& night) {
    auto nights = read_nights(state_directory);
    std::erase_if(nights, [&](const Night& other) { return other.id == night.id; });
    nights.push_back(night);
    if (nights.size() > most_nights)
        nights.erase(nights.begin(),
                     nights.begin() + static_cast<std::ptrdiff_t>(nights.size() - most_nights));
    write_file(state_directory / nights_name, dump(Json{{"nights", to_json(nights)}}, 1) + "\n");
}

Bytes used_of(const Storage& storage) {
    const auto& usage = storage.usage;
    return usage.live + usage.dead + usage.unfinished;
}

}  // namespace mastobak::daemon
