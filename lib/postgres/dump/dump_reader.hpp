// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/error.hpp"

/// A dump in the custom format, byte by byte. Not for other folders.
/// Source: PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c (ReadHead, ReadToc, ReadInt, ReadStr)
namespace mastobak::postgres {

/// It ends before it should, or says what cannot be; or it is not ours to write to.
struct Unusable {};

/// The parts of which such a file is made.
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

    /// What comes before the entries. \return false for a format that is not known
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
        // How it is compressed.
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
    int minor_ = 0;
    std::size_t integer_size_ = 4, place_size_ = 0;
};

}  // namespace mastobak::postgres
