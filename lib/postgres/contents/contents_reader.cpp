// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/contents/contents_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "postgres/dump/dump_reader.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/rows/copy_counter.hpp"

namespace mastobak::postgres {
namespace {

constexpr std::string_view end_of_table = "\\.";
/// An upper limit that no real schema reaches.
constexpr std::size_t largest_head = std::size_t{256} << 20;
// pg_backup_custom.c
constexpr std::byte rows_of_table{1}, objects_of_all{3};

std::int64_t integer_of(std::span<const std::byte> field) {
    std::uint64_t value = 0;
    for (std::size_t i = field.size() - 1; i > 0; --i)
        value = value << 8 | std::to_integer<std::uint64_t>(field[i]);
    const auto number = static_cast<std::int64_t>(value & ~(std::uint64_t{1} << 63));
    return field[0] != std::byte{0} ? -number : number;
}

}  // namespace

ContentsReader::ContentsReader(const RowKey& key) : digester_(key) {
    contents_.key = key;
}

void ContentsReader::feed(std::span<const std::byte> block) {
    if (state_ == State::gone) return;
    if (state_ != State::head) return read_data(block);
    head_.insert(head_.end(), block.begin(), block.end());
    if (head_.size() < try_at_) return;
    read_head();
    try_at_ = 2 * head_.size();
    if (state_ == State::head && head_.size() > largest_head) give_up();
}

void ContentsReader::read_head() {
    DumpReader reader(head_);
    std::vector<TocEntry> entries;
    try {
        if (!reader.head()) return give_up();
        for (auto left = reader.integer(); left > 0; --left)
            entries.push_back(read_toc_entry(reader));
    } catch (const Unusable&) {
        return;  // the table of contents is not complete yet
    }
    integer_size_ = reader.integer_size();
    const auto key = contents_.key;
    contents_ = contents_of(entries);
    contents_.key = key;
    for (auto& entry : entries) {
        if (entry.kind != "TABLE DATA") continue;
        Table table{entry.schema + "." + entry.name, copied_column_list(entry.copy)};
        // In dumps of some versions, a table without rows has no block.
        contents_.tables[table.name].columns = table.columns;
        tables_.insert_or_assign(entry.id, std::move(table));
    }
    entries_ = std::move(entries);
    state_ = State::block;
    const auto head = std::exchange(head_, {});
    read_data(std::span(head).subspan(reader.position()));
}

void ContentsReader::read_data(std::span<const std::byte> data) {
    while (!data.empty() && state_ != State::gone) {
        if (left_ == 0) {
            if (!read_field(data)) return;
            continue;
        }
        const auto size = std::min<std::uint64_t>(left_, data.size());
        const std::string_view text(reinterpret_cast<const char*>(data.data()), size);
        if (is_large_object_)
            digester_.part(text);
        else if (in_rows_)
            rows(text);
        data = data.subspan(size);
        left_ -= size;
    }
}

bool ContentsReader::read_field(std::span<const std::byte>& data) {
    const auto size = 1 + integer_size_ + (state_ == State::block ? 1 : 0);
    if (field_size_ == 0 && data.size() >= size) {
        const auto field = data.first(size);
        data = data.subspan(size);
        take_field(field);
        return true;
    }
    const auto more = std::min(size - field_size_, data.size());
    std::copy_n(data.begin(), more, field_.begin() + static_cast<std::ptrdiff_t>(field_size_));
    data = data.subspan(more);
    field_size_ += more;
    if (field_size_ < size) return false;
    field_size_ = 0;
    take_field(std::span(field_).first(size));
    return true;
}

void ContentsReader::take_field(std::span<const std::byte> field) {
    if (state_ == State::block) return begin_block(field[0], integer_of(field.subspan(1)));
    const auto number = integer_of(field);
    if (number < 0) return give_up();
    if (state_ == State::large_object) return begin_large_object(number);
    left_ = static_cast<std::uint64_t>(number);
    if (number == 0) end_pieces();
}

void ContentsReader::begin_block(std::byte kind, std::int64_t id) {
    is_large_object_ = false;
    if (kind == objects_of_all) {
        state_ = State::large_object;
        return;
    }
    if (kind != rows_of_table) return give_up();
    const auto table = tables_.find(id);
    table_ = table == tables_.end() ? nullptr : &table->second;
    in_rows_ = table_ != nullptr;
    in_line_ = false;
    state_ = State::piece;
}

void ContentsReader::begin_large_object(std::int64_t number) {
    if (number == 0) {  // the end of the large objects
        state_ = State::block;
        return;
    }
    is_large_object_ = true;
    large_object_ = number;
    digester_.part(fmt::format("{}\t", number));
    state_ = State::piece;
}

void ContentsReader::end_pieces() {
    if (is_large_object_) {
        digester_.end_row();
        const auto digest = digester_.finish();
        contents_.large_objects.digest += digest;
        ++contents_.large_objects.rows;
        if (on_large_object_) on_large_object_(large_object_, digest);
        state_ = State::large_object;
        return;
    }
    if (in_rows_ && in_line_) return give_up();
    if (table_ != nullptr) end_table();
    state_ = State::block;
}

void ContentsReader::end_table() {
    auto& table = contents_.tables[table_->name];
    table.rows += std::exchange(count_, 0);
    table.digest += digester_.finish();
    table_ = nullptr;
}

// In dumps of PostgreSQL 15 and older, a piece is a row.
void ContentsReader::rows(std::string_view text) {
    while (!text.empty()) {
        const auto* end = static_cast<const char*>(std::memchr(text.data(), '\n', text.size()));
        const auto line = text.substr(
            0, end == nullptr ? text.size() : static_cast<std::size_t>(end - text.data()));
        if (!in_line_ && end != nullptr) {
            if (line == end_of_table) {
                in_rows_ = false;
                return;  // only empty lines follow
            }
            digester_.add(line);
            ++count_;
        } else {
            digester_.part(line);
            if (!in_line_) end_mark_.clear();
            end_mark_ += line.substr(0, 3 - std::min<std::size_t>(3, end_mark_.size()));
            in_line_ = end == nullptr;
            if (end != nullptr && end_mark_ == end_of_table) {
                digester_.discard_row();
                in_rows_ = false;
                return;
            }
            if (end != nullptr) {
                digester_.end_row();
                ++count_;
            }
        }
        if (end == nullptr) return;
        text.remove_prefix(line.size() + 1);
    }
}

void ContentsReader::give_up() {
    state_ = State::gone;
    head_ = {};
}

std::optional<Contents> ContentsReader::finish() {
    if (state_ == State::head) read_head();
    if (state_ != State::block || field_size_ != 0) return std::nullopt;
    return std::move(contents_);
}

}  // namespace mastobak::postgres
