// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/dump_toc.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/unique_fd.hpp"
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

namespace fs = std::filesystem;

// pg_backup_archiver.h, pg_backup_custom.c
constexpr std::byte place_unknown{1}, place_known{2};
constexpr std::byte rows{1}, large_objects{3};

class Mapping {
 public:
    explicit Mapping(const fs::path& file) : file_(file) {
        fd_.reset(::open(file.c_str(), O_RDWR | O_CLOEXEC));
        if (!fd_) throw Unusable{};
        size_ = fs::file_size(file);
        if (size_ == 0) return;
        start_ = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd_.get(), 0);
        if (start_ == MAP_FAILED) fail("map");
        ::madvise(start_, size_, MADV_SEQUENTIAL);
    }
    ~Mapping() {
        if (size_ != 0) ::munmap(start_, size_);
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;

    std::span<const std::byte> bytes() const {
        return {static_cast<const std::byte*>(start_), size_};
    }
    /// Gives pages back that are not read again: a whole dump must not count as the daemon's memory.
    /// \param position what is before it was read
    void release_before(std::size_t position) {
        constexpr std::size_t step = std::size_t{8} << 20;  // a multiple of the size of a page
        const auto end = position / step * step;
        if (end <= released_) return;
        ::madvise(static_cast<std::byte*>(start_) + released_, end - released_, MADV_DONTNEED);
        released_ = end;
    }
    void write(std::size_t offset, std::span<const std::byte> what) const {
        const auto written =
            ::pwrite(fd_.get(), what.data(), what.size(), static_cast<off_t>(offset));
        if (written != static_cast<ssize_t>(what.size())) fail("write");
    }

 private:
    [[noreturn]] void fail(std::string_view what) const {
        throw errno_error(Errc::environment, fmt::format("{} '{}'", what, file_.native()), errno);
    }

    const fs::path& file_;
    UniqueFd fd_;
    void* start_ = nullptr;
    std::size_t size_ = 0;
    std::size_t released_ = 0;
};

class DumpBytes {
 public:
    DumpBytes(Mapping& file, const std::stop_token& stop)
        : file_(file), reader_(file.bytes()), stop_(stop) {}

    /// \return false for an unknown format
    bool read() {
        if (!reader_.head()) return false;
        for (auto left = reader_.integer(); left > 0; --left) read_entry();
        while (!reader_.at_end()) read_block();
        return true;
    }
    void write() const {
        for (const auto& [field, place] : found_) {
            std::vector<std::byte> bytes{place_known};
            for (std::size_t i = 0; i < reader_.place_size(); ++i)
                bytes.push_back(static_cast<std::byte>(place >> (8 * i)));
            file_.write(field, bytes);
        }
    }
    std::size_t count() const { return found_.size(); }

 private:
    void read_entry() {
        const auto entry = read_toc_entry(reader_);
        // Its last part is the field for the offset.
        const auto field = reader_.position() - reader_.place_size() - 1;
        if (file_.bytes()[field] == place_unknown) fields_[entry.id] = field;
    }

    void read_block() {
        const auto place = reader_.position();
        const auto kind = reader_.byte();
        const auto id = reader_.integer();
        const auto at_piece = [this] {
            if (stop_.stop_requested()) throw Error(Errc::cancelled, "the restore was cancelled");
            file_.release_before(reader_.position());
        };
        if (kind == rows)
            reader_.skip_pieces(at_piece);
        else if (kind == large_objects)
            while (reader_.integer() != 0) reader_.skip_pieces(at_piece);
        else
            throw Unusable{};
        if (const auto field = fields_.find(id); field != fields_.end())
            found_[field->second] = place;
    }

    Mapping& file_;
    DumpReader reader_;
    const std::stop_token& stop_;
    std::map<std::int64_t, std::size_t> fields_;  ///< entry's id → position of its offset field
    std::map<std::size_t, std::uint64_t> found_;  ///< position of that field → offset of the rows
};

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

std::size_t add_data_offsets(const fs::path& dump, const std::stop_token& stop) try {
    Mapping file(dump);
    DumpBytes contents(file, stop);
    if (!contents.read()) return 0;
    contents.write();
    return contents.count();
} catch (const Unusable&) {
    return 0;
}

}  // namespace mastobak::postgres
