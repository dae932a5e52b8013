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

/// Internal to postgres/.
namespace mastobak::postgres {

/// Computes the contents of a dump from pg_dump's output (custom format, uncompressed), which is
/// fed in blocks of any size. It holds only the table of contents in memory.
///
/// It never throws for the stream's content. If it does not understand the stream (a later format,
/// or a program that is not pg_dump), finish() returns nullopt, and the code that reads the dump
/// later reports what is wrong with it.
class ContentsReader {
 public:
    explicit ContentsReader(const RowKey& key);

    /// Sets a function that is called with the digest of each large object.
    void on_large_object(
        std::function<void(std::int64_t number, const RowDigest& digest)> on_object) {
        on_large_object_ = std::move(on_object);
    }

    void feed(std::span<const std::byte> block);
    /// Returns the contents; nullopt if the stream was not understood or was truncated.
    std::optional<Contents> finish();
    /// Moves the table of contents out of this object. Valid after finish() has returned contents.
    std::vector<TocEntry> entries() { return std::move(entries_); }

 private:
    enum class State { head, block, large_object, piece, gone };
    struct Table {
        std::string name, columns;
    };

    void read_head();
    void read_data(std::span<const std::byte> data);
    /// \return false when the rest of the field is in the next block
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
    std::size_t try_at_ = 1024;  ///< size of head_ at which read_head() is called again
    std::size_t integer_size_ = 4;
    std::unordered_map<std::int64_t, Table> tables_;

    std::array<std::byte, 16> field_{};  ///< a field that continues in the next block
    std::size_t field_size_ = 0;
    std::uint64_t left_ = 0;  ///< bytes of the current piece that are still to come

    // The current table or large object:
    const Table* table_ = nullptr;
    bool is_large_object_ = false;
    std::int64_t large_object_ = 0;
    std::function<void(std::int64_t, const RowDigest&)> on_large_object_;
    bool in_rows_ = false;
    bool in_line_ = false;  ///< the current line began in an earlier piece
    std::string end_mark_;  ///< its first 3 bytes, which show whether it is the end mark
    std::int64_t count_ = 0;
};

}  // namespace mastobak::postgres
