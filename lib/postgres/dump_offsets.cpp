// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump_offsets.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/unique_fd.hpp"

namespace mastobak::postgres {
namespace {

namespace fs = std::filesystem;

// pg_backup_archiver.h, pg_backup_custom.c
constexpr std::byte place_unknown{1}, place_known{2};
constexpr std::byte rows{1}, large_objects{3};

/// It ends before it should, or says what cannot be; or it is not ours to write to.
struct Unusable {};

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
};

/// The parts of which such a file is made.
class Reader {
 public:
    explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    std::size_t position() const { return at_; }
    bool at_end() const { return at_ == bytes_.size(); }
    std::byte byte() { return take(1)[0]; }
    void skip(std::size_t size) { take(size); }
    std::string_view text(std::size_t size) {
        const auto taken = take(size);
        return {reinterpret_cast<const char*>(taken.data()), taken.size()};
    }
    void set_integer_size(std::byte size) {
        integer_size_ = std::to_integer<std::size_t>(size);
        if (integer_size_ == 0 || integer_size_ > sizeof(std::int64_t)) throw Unusable{};
    }

    std::int64_t integer() {
        const bool negative = byte() != std::byte{0};
        const auto digits = take(integer_size_);
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < digits.size(); ++i)
            value |= std::to_integer<std::uint64_t>(digits[i]) << (8 * i);
        if (value > std::numeric_limits<std::int64_t>::max()) throw Unusable{};
        const auto number = static_cast<std::int64_t>(value);
        return negative ? -number : number;
    }
    /// \return false for none at all, which has the length -1
    bool skip_string() {
        const auto size = integer();
        if (size > 0) skip(static_cast<std::size_t>(size));
        return size >= 0;
    }
    /// The rows of a table, or a large object: pieces, and an empty one at the end.
    void skip_pieces(const std::stop_token& stop) {
        for (auto size = integer(); size != 0; size = integer()) {
            if (size < 0) throw Unusable{};
            if (stop.stop_requested()) throw Error(Errc::cancelled, "the restore was cancelled");
            skip(static_cast<std::size_t>(size));
        }
    }

 private:
    std::span<const std::byte> take(std::size_t size) {
        if (size > bytes_.size() - at_) throw Unusable{};
        const auto taken = bytes_.subspan(at_, size);
        at_ += size;
        return taken;
    }

    const std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
    std::size_t integer_size_ = 4;
};

class Dump {
 public:
    Dump(std::span<const std::byte> bytes, const std::stop_token& stop)
        : reader_(bytes), stop_(stop) {}

    /// \return false for a format that is not known
    bool read() {
        if (!read_head()) return false;
        for (auto left = reader_.integer(); left > 0; --left) read_entry();
        while (!reader_.at_end()) read_block();
        return true;
    }
    void write(const Mapping& file) const {
        for (const auto& [field, place] : found_) {
            std::vector<std::byte> bytes{place_known};
            for (std::size_t i = 0; i < place_size_; ++i)
                bytes.push_back(static_cast<std::byte>(place >> (8 * i)));
            file.write(field, bytes);
        }
    }
    std::size_t count() const { return found_.size(); }

 private:
    bool read_head() {
        if (reader_.text(5) != "PGDMP") return false;
        const auto major = std::to_integer<int>(reader_.byte());
        minor_ = std::to_integer<int>(reader_.byte());
        if (major != 1 || minor_ < 14 || minor_ > 16) return false;
        reader_.skip(1);  // revision
        reader_.set_integer_size(reader_.byte());
        place_size_ = std::to_integer<std::size_t>(reader_.byte());
        constexpr std::byte custom{1};
        if (reader_.byte() != custom || place_size_ != sizeof(std::uint64_t)) return false;
        // How it is compressed.
        if (minor_ >= 15)
            reader_.skip(1);
        else
            reader_.integer();
        for (int part_of_date = 0; part_of_date < 7; ++part_of_date) reader_.integer();
        for (int name = 0; name < 3; ++name) reader_.skip_string();
        return true;
    }

    void read_entry() {
        const auto id = reader_.integer();
        reader_.integer();                                           // has data
        for (int text = 0; text < 4; ++text) reader_.skip_string();  // oids, tag, description
        reader_.integer();                                           // section
        // Definition, drop, copy, namespace, tablespace, access method.
        for (int text = 0; text < 6; ++text) reader_.skip_string();
        if (minor_ >= 16) reader_.integer();                         // kind of relation
        for (int text = 0; text < 2; ++text) reader_.skip_string();  // owner, with oids
        while (reader_.skip_string()) {                              // dependencies
        }
        const auto field = reader_.position();
        if (reader_.byte() == place_unknown) fields_[id] = field;
        reader_.skip(place_size_);
    }

    void read_block() {
        const auto place = reader_.position();
        const auto kind = reader_.byte();
        const auto id = reader_.integer();
        if (kind == rows)
            reader_.skip_pieces(stop_);
        else if (kind == large_objects)
            while (reader_.integer() != 0) reader_.skip_pieces(stop_);
        else
            throw Unusable{};
        if (const auto field = fields_.find(id); field != fields_.end())
            found_[field->second] = place;
    }

    Reader reader_;
    const std::stop_token& stop_;
    int minor_ = 0;
    std::size_t place_size_ = 0;
    std::map<std::int64_t, std::size_t> fields_;  ///< of entries: id, where their place is noted
    std::map<std::size_t, std::uint64_t> found_;  ///< where it is noted, the place
};

}  // namespace

std::size_t add_data_offsets(const fs::path& dump, const std::stop_token& stop) try {
    const Mapping file(dump);
    Dump contents(file.bytes(), stop);
    if (!contents.read()) return 0;
    contents.write(file);
    return contents.count();
} catch (const Unusable&) {
    return 0;
}

}  // namespace mastobak::postgres
