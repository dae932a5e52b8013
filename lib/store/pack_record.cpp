// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/pack_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/fields.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "store/formats/names.hpp"

namespace mastobak {

template <>
struct Fields<store::PackRecord> {
    template <typename Io>
    static void list(Io& io, auto& record) {
        io("size", record.size, Presence::required);
        io("sha256", record.sha256, Presence::required);
        io("finished_at", Exact{record.finished_at}, Presence::required);
        io("pass", record.pass, Presence::required);
        bool away = store::is_off_site(record.place);
        io("away", away, Presence::required);
        if constexpr (Io::reads)
            record.place =
                away ? store::PackPlace::unfinished_off_site : store::PackPlace::unfinished;
        io("remotes", record.remotes, Presence::required);
    }
};

}  // namespace mastobak

namespace mastobak::store {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view ending = ".json";
constexpr Bytes largest_record{std::uint64_t{64} << 10};

std::optional<PackRecord> read_record(const fs::path& file) {
    try {
        PackRecord record;
        record.name = file.stem();
        FieldReader::read(Json::parse(read_beneath(file.parent_path(), file.filename(),
                                                   Errc::staging, largest_record)),
                          record);
        return record;
    } catch (const Json::exception&) {
        return std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

void remove_file(const fs::path& file) {
    std::error_code error;
    fs::remove(file, error);
    if (error)
        throw errno_error(Errc::staging, fmt::format("remove '{}'", file.native()), error.value());
}

}  // namespace

fs::path record_file(const fs::path& directory, const std::string& pack) {
    return directory / fmt::format("{}{}", pack, ending);
}

void write_record(const fs::path& directory, const PackRecord& record) {
    make_directories(directory);
    write_file(record_file(directory, record.name), FieldWriter::json_of(record).dump(1) + "\n");
}

std::vector<PackRecord> read_records(const fs::path& directory) {
    std::vector<PackRecord> records;
    for (const auto& file : entries_of(directory)) {
        if (file.extension() != ending || !is_pack_name(file.stem().native())) continue;
        if (auto record = read_record(file)) records.push_back(std::move(*record));
    }
    std::ranges::sort(records, {}, &PackRecord::name);
    return records;
}

fs::path lines_of(const Staging& staging, const std::string& pack) {
    return staging.unfinished() / fmt::format("{}.index.zst", pack);
}

PackRecord keep_unfinished(const Staging& staging, const fs::path& pack, const fs::path& lines,
                           PackRecord record) {
    record.place = moved(record.name, record.place, PackEvent::kept);
    make_directories(staging.unfinished());
    publish(lines, lines_of(staging, record.name));
    publish(pack, file_at(staging, record.place, record.name));
    // The record comes last, because it says that the other two files are complete.
    write_record(staging.unfinished(), record);
    return record;
}

std::vector<PackRecord> unfinished_packs(const Staging& staging) {
    auto records = read_records(staging.unfinished());
    std::erase_if(records, [&](const PackRecord& record) {
        std::error_code ignored;
        return !fs::exists(lines_of(staging, record.name), ignored) ||
               (!is_off_site(record.place) &&
                !has_size(file_at(staging, record.place, record.name), record.size));
    });
    return records;
}

void note_remotes(const Staging& staging, const PackRecord& record) {
    write_record(staging.unfinished(), record);
    if (is_off_site(record.place)) remove_file(staging.unfinished() / record.name);
}

void drop_unfinished(const Staging& staging, const std::string& pack, PackPlace from) {
    static_cast<void>(moved(pack, from, PackEvent::removed));
    // The record goes first, because the other two files do not count without it.
    remove_file(record_file(staging.unfinished(), pack));
    remove_file(staging.unfinished() / pack);
    remove_file(lines_of(staging, pack));
}

void evict(const Staging& staging, PackRecord record) {
    const bool is_new = record.place == PackPlace::absent;
    record.place =
        moved(record.name, record.place, is_new ? PackEvent::adopted : PackEvent::evicted);
    write_record(staging.away(), record);
    remove_file(file_at(staging, PackPlace::here, record.name));
}

AwayPacks::AwayPacks(const Staging& staging) {
    for (auto& record : read_records(staging.away())) {
        record.place = PackPlace::off_site;
        auto name = record.name;
        packs_.emplace(std::move(name), std::move(record));
    }
}

const PackRecord* AwayPacks::find(const PackReference& pack) const {
    const auto found = packs_.find(pack.name);
    if (found == packs_.end()) return nullptr;
    const auto& record = found->second;
    return record.size == pack.size && record.sha256 == pack.sha256 ? &record : nullptr;
}

bool is_here(const Staging& staging, const PackReference& pack) {
    return has_size(staging.shared(pack.name), pack.size);
}

}  // namespace mastobak::store
