// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/pack_record_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/fields.hpp"
#include "core/files.hpp"
#include "core/open.hpp"
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
