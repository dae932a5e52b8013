// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/dump_toc.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <functional>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/text.hpp"
#include "postgres/dump/dump_feeder.hpp"
#include "postgres/dump/dump_reader.hpp"

namespace mastobak::postgres {
namespace fs = std::filesystem;

namespace {

/// An upper limit that no real schema reaches.
constexpr std::size_t largest_toc = std::size_t{256} << 20;

Error not_a_dump(const fs::path& file) {
    return Error(
        Errc::corrupt,
        fmt::format("'{}' is not a dump in the custom format, or it is truncated", file.native()),
        "'mastobak verify' checks the set");
}

/// Throws Unusable when the bytes end too early.
std::vector<TocEntry> parse(std::span<const std::byte> bytes, const fs::path& file) {
    DumpReader reader(bytes);
    if (!reader.head())
        throw Error(Errc::environment,
                    fmt::format("'{}' is not a dump of a format that is known", file.native()),
                    "is there a newer mastobak? it was made by a newer pg_dump, or is damaged "
                    "('mastobak verify')");
    std::vector<TocEntry> entries;
    for (auto left = reader.integer(); left > 0; --left) entries.push_back(read_toc_entry(reader));
    return entries;
}

/// Parses the beginning of a dump.
/// \param read reads into a block, and returns the number of bytes; 0 at the end
std::vector<TocEntry> read_begin(const fs::path& file,
                                 const std::function<std::size_t(std::span<std::byte>)>& read) {
    std::vector<std::byte> bytes;
    for (std::size_t wanted = 1 << 20; wanted <= largest_toc; wanted *= 4) {
        std::size_t have = bytes.size();
        bytes.resize(wanted);
        while (have < wanted) {
            const auto size = read(std::span(bytes).subspan(have));
            if (size == 0) break;
            have += size;
        }
        bytes.resize(have);
        try {
            return parse(bytes, file);
        } catch (const Unusable&) {
            if (have < wanted) break;
        }
    }
    throw not_a_dump(file);
}

}  // namespace

TocEntry read_toc_entry(DumpReader& reader) {
    TocEntry entry;
    entry.id = reader.integer();
    reader.integer();  // has data
    for (int oid = 0; oid < 2; ++oid) reader.skip_string();
    entry.name = reader.string().value_or("");
    entry.kind = reader.string().value_or("");
    entry.section = static_cast<TocEntry::Section>(reader.integer());
    entry.definition = reader.string().value_or("");
    reader.skip_string();  // drop
    entry.copy = reader.string().value_or("");
    entry.schema = reader.string().value_or("");
    entry.tablespace = reader.string().value_or("");
    reader.skip_string();                        // access method
    if (reader.minor() >= 16) reader.integer();  // kind of relation
    entry.owner = reader.string().value_or("");
    reader.skip_string();  // with oids
    while (const auto dependency = reader.string())
        entry.dependencies.push_back(leading_number<std::int64_t>(*dependency));
    reader.skip(1 + reader.place_size());
    return entry;
}

std::string TocEntry::to_string() const {
    return schema.empty() ? fmt::format("{} {}", kind, name)
                          : fmt::format("{} {}.{}", kind, schema, name);
}

std::vector<TocEntry> read_toc(const fs::path& dump) {
    const auto fd = open_file(dump, O_RDONLY, Errc::environment);
    return read_begin(dump, [&](std::span<std::byte> block) {
        return read_block(fd.get(), block, dump, Errc::environment);
    });
}

std::vector<TocEntry> read_compressed_toc(const dumps::StoredDump& dump,
                                          const std::stop_token& stop) {
    DumpFeeder feeder(dump);
    return read_begin(dump.file, [&](std::span<std::byte> block) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "the run was cancelled");
        return feeder.fill(block);
    });
}

}  // namespace mastobak::postgres
