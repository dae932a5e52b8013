// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "postgres/contents/contents.hpp"

/// Not for other folders.
namespace mastobak::postgres {

/// Learns what is in a dump from the stream of pg_dump (custom format, not compressed), which comes
/// in blocks of any size, in the memory that its table of contents takes.
///
/// It refuses nothing: of a stream that it does not understand (a later format, or a program that
/// is not pg_dump) there are no contents, and the one who reads the dump says what is wrong with it.
class ContentsReader {
 public:
    explicit ContentsReader(const RowKey& key);

    /// Has each large object's digest told when it has been read, beside that of all.
    void on_large_object(
        std::function<void(std::int64_t number, const RowDigest& digest)> on_object) {
        on_large_object_ = std::move(on_object);
    }

    void feed(std::span<const std::byte> block);
    /// Nothing where the stream was not understood, or ended before its contents do.
    std::optional<Contents> finish();
    /// The table of contents, where finish() has given something. Once.
    std::vector<TocEntry> entries() { return std::move(entries_); }

 private:
    enum class State { head, block, large_object, piece, gone };
    struct Table {
        std::string name, columns;
    };

    void read_head();
    void read_data(std::span<const std::byte> data);
    /// \return false: the rest of the field is in the next block
    bool read_field(std::span<const std::byte>& data);
    void take_field(std::span<const std::byte> field);
    void begin_block(std::byte kind, std::int64_t id);
    void begin_large_object(std::int64_t number);
    void end_pieces();
    void end_table();
    void rows(std::string_view text);
    void give_up();

    Contents contents_;
    std::vector<TocEntry> entries_;
    RowDigester digester_;
    State state_ = State::head;
    std::vector<std::byte> head_;
    std::size_t try_at_ = 1024;  ///< bytes of the head
    std::size_t integer_size_ = 4;
    std::unordered_map<std::int64_t, Table> tables_;

    std::array<std::byte, 16> field_{};  ///< that began in the last block
    std::size_t field_size_ = 0;
    std::uint64_t left_ = 0;  ///< of the piece

    // The table, or the large object, whose bytes come:
    const Table* table_ = nullptr;
    bool is_large_object_ = false;
    std::int64_t large_object_ = 0;
    std::function<void(std::int64_t, const RowDigest&)> on_large_object_;
    bool in_rows_ = false;
    bool in_line_ = false;  ///< its beginning was in an earlier piece
    std::string end_mark_;  ///< what there was of such a line, as long as it may be the end
    std::int64_t count_ = 0;
};

}  // namespace mastobak::postgres
