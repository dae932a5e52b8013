// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Parses the bytes of a dump in the custom format. Internal to postgres/.
/// Source: PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c (ReadHead, ReadToc, ReadInt, ReadStr)
namespace mastobak::postgres {

/// Thrown for a dump that is truncated, contains impossible values, or cannot be written to.
struct Unusable {};

/// Reads the elements of the format from memory. Throws Unusable at the end of the bytes.
class DumpReader {
 public:
    explicit DumpReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    std::size_t position() const { return at_; }
    bool at_end() const { return at_ == bytes_.size(); }
    std::byte byte() { return take(1)[0]; }
    void skip(std::size_t size) { take(size); }
    std::string_view text(std::size_t size) {
        const auto taken = take(size);
        return {reinterpret_cast<const char*>(taken.data()), taken.size()};
    }

    /// Reads the header, which ends before the entries. \return false for an unknown format
    bool head() {
        if (text(5) != "PGDMP") return false;
        const auto major = std::to_integer<int>(byte());
        minor_ = std::to_integer<int>(byte());
        if (major != 1 || minor_ < 14 || minor_ > 16) return false;
        skip(1);  // revision
        integer_size_ = std::to_integer<std::size_t>(byte());
        place_size_ = std::to_integer<std::size_t>(byte());
        constexpr std::byte custom{1};
        if (byte() != custom || place_size_ != sizeof(std::uint64_t) || integer_size_ == 0 ||
            integer_size_ > sizeof(std::int64_t))
            return false;
        // The compression.
        if (minor_ >= 15)
            skip(1);
        else
            integer();
        for (int part_of_date = 0; part_of_date < 7; ++part_of_date) integer();
        for (int name = 0; name < 3; ++name) skip_string();
        return true;
    }
    int minor() const { return minor_; }
    std::size_t place_size() const { return place_size_; }
    std::size_t integer_size() const { return integer_size_; }

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
    std::optional<std::string> string() {
        const auto size = integer();
        if (size < 0) return std::nullopt;
        return std::string(text(static_cast<std::size_t>(size)));
    }
    /// \return false for a null string, which has the length -1
    bool skip_string() {
        const auto size = integer();
        if (size > 0) skip(static_cast<std::size_t>(size));
        return size >= 0;
    }
    /// Skips the rows of a table, or a large object: pieces, of which the last one is empty.
    /// \param before_each called before each piece is skipped
    template <typename Callback>
    void skip_pieces(const Callback& before_each) {
        for (auto size = integer(); size != 0; size = integer()) {
            if (size < 0) throw Unusable{};
            before_each();
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
    int minor_ = 0;
    std::size_t integer_size_ = 4, place_size_ = 0;
};

}  // namespace mastobak::postgres
