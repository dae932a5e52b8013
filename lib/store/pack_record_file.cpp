// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/pack_record_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/open.hpp"
#include "store/formats/names.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

namespace {

using json = Json;

constexpr std::string_view ending = ".json";
constexpr Bytes largest_record{std::uint64_t{64} << 10};

std::optional<PackRecord> read_record(const fs::path& file) {
    try {
        const auto object = json::parse(
            read_beneath(file.parent_path(), file.filename(), Errc::staging, largest_record));
        PackRecord record;
        record.name = file.stem();
        record.size = {object.at("size").get<std::uint64_t>()};
        const auto digest = parse_digest(object.at("sha256").get<std::string>());
        const auto finished_at = parse_iso8601(object.at("finished_at").get<std::string>());
        if (!digest || !finished_at) return std::nullopt;
        record.sha256 = *digest;
        record.finished_at = *finished_at;
        record.pass = object.at("pass").get<int>();
        record.away = object.at("away").get<bool>();
        record.remotes = object.at("remotes").get<std::vector<std::string>>();
        return record;
    } catch (const json::exception&) {
        return std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace

fs::path record_file(const fs::path& directory, const std::string& pack) {
    return directory / fmt::format("{}{}", pack, ending);
}

void write_record(const fs::path& directory, const PackRecord& record) {
    const json object{{"size", record.size.count},
                      {"sha256", to_hex(record.sha256)},
                      {"finished_at", to_iso8601(record.finished_at)},
                      {"pass", record.pass},
                      {"away", record.away},
                      {"remotes", record.remotes}};
    make_directories(directory);
    write_file(record_file(directory, record.name), object.dump(1) + "\n");
}

std::vector<PackRecord> read_records(const fs::path& directory) {
    std::vector<PackRecord> records;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
        const auto& file = it->path();
        if (file.extension() != ending || !is_pack_name(file.stem().native())) continue;
        if (auto record = read_record(file)) records.push_back(std::move(*record));
    }
    if (error && error != std::errc::no_such_file_or_directory)
        throw errno_error(Errc::staging, fmt::format("read '{}'", directory.native()),
                          error.value());
    std::sort(records.begin(), records.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return records;
}

}  // namespace mastobak::store
