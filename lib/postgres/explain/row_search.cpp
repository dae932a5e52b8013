// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/explain/row_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/text.hpp"
#include "postgres/rows/dumped_rows.hpp"

namespace mastobak::postgres {
namespace {

constexpr std::size_t most_rows = 20;      ///< rows that are returned for a table
constexpr std::size_t most_groups = 50;    ///< keys whose rows are kept
constexpr std::size_t most_versions = 4;   ///< different rows that are kept for a key
constexpr std::size_t longest_value = 64;  ///< bytes that are shown of a key's column
constexpr std::size_t most_columns = 30;   ///< column names that are returned for a row
constexpr std::size_t most_fields = 1664;  ///< PostgreSQL's limit for the columns of a row

/// Returns the value of a field, shortened if it is too long.
std::string short_value(std::string_view field) {
    const bool cut = field.size() > longest_value;
    auto text = field.substr(0, longest_value);
    while (cut && !text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
        text.remove_suffix(1);  // a UTF-8 character that was cut
    if (cut && !text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0)
        text.remove_suffix(1);
    return readable(copied_field(text).value_or("NULL")) + (cut ? "…" : "");
}

}  // namespace

KeyedRow::KeyedRow(const RowKey& key, KeyedTable table) : table_(std::move(table)), digester_(key) {
    for (const auto& name : table_.key) {
        const auto at = std::find(table_.columns.begin(), table_.columns.end(), name);
        if (at == table_.columns.end()) {
            places_.clear();
            return;
        }
        places_.push_back(static_cast<std::size_t>(at - table_.columns.begin()));
    }
}

void KeyedRow::take(std::string_view line, std::uint64_t number) {
    number_ = number;
    fields_.clear();
    for (std::size_t begin = 0; begin <= line.size() && fields_.size() < most_fields;) {
        const auto end = std::min(line.find('\t', begin), line.size());
        fields_.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    digester_.add(line);
    key_ = digest_ = digester_.finish();
    if (places_.empty()) return;
    for (const auto place : places_) {
        if (place < fields_.size()) digester_.part(fields_[place]);
        digester_.part("\t");
    }
    digester_.end_row();
    key_ = digester_.finish();
}

std::string KeyedRow::key_text() const {
    if (places_.empty()) return fmt::format("row {} of the table", number_);
    std::string text;
    for (const auto place : places_)
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", readable(table_.columns[place]),
                            place < fields_.size() ? short_value(fields_[place]) : "");
    return text;
}

std::vector<RowDigest> KeyedRow::field_digests() {
    std::vector<RowDigest> digests;
    for (const auto field : fields_) {
        digester_.add(field);
        digests.push_back(digester_.finish());
    }
    return digests;
}

void RowFinder::add(std::string_view row) {
    row_.take(row, ++number_);
    if (!(row_.digest() == wanted_)) return;
    if (!found_) found_ = FoundRow{.kind = FoundRow::Kind::added, .key = row_.key_text()};
    found_->then = found_->now++;
    if (found_->then > 0) found_->kind = FoundRow::Kind::repeated;
}

std::size_t RowSearch::Hash::operator()(const RowDigest& digest) const {
    std::size_t value = 0;
    std::memcpy(&value, digest.bytes.data(), sizeof value);
    return value;
}

RowSearch::RowSearch(const RowKey& key, KeyedTable table, std::size_t budget)
    : row_(key, std::move(table)), budget_(std::max(budget, std::size_t{1})) {}

/// Uses other bytes of the digest than Hash does.
std::size_t RowSearch::part_of(const RowDigest& key) {
    return (std::size_t{key.bytes[14]} << 8 | key.bytes[15]) % parts;
}

void RowSearch::add(Side side, std::string_view row) {
    const auto i = side == Side::now ? std::size_t{1} : std::size_t{0};
    row_.take(row, ++number_[i]);
    const auto& digest = row_.digest();
    const auto& key = row_.key();
    if (reading_ == 1) {
        sums_[i].all.sum += digest;
        ++sums_[i].all.rows;
        sums_[i].by_part[part_of(key)] += digest;
    } else if (reading_ == 2) {
        if (!chosen_[part_of(key)]) return;
        const auto found = changes_.find(key);
        if (found == changes_.end() && changes_.size() >= 2 * budget_) {
            all_ = false;  // more keys than expected: only the first ones are searched
            return;
        }
        auto& change = found == changes_.end() ? changes_[key] : found->second;
        if (side == Side::now)
            change += digest;
        else
            change -= digest;
    } else if (changes_.contains(key)) {
        collect(side);
    }
}

bool RowSearch::end_reading() {
    number_ = {};
    if (reading_ == 1) choose_parts();
    if (reading_ == 2) choose_keys();
    ++reading_;
    return reading_ == 2 ? std::find(chosen_.begin(), chosen_.end(), true) != chosen_.end()
                         : reading_ == 3 && !changes_.empty();
}

void RowSearch::choose_parts() {
    const auto rows = static_cast<std::size_t>(sums_[0].all.rows + sums_[1].all.rows);
    const auto most = std::max(std::size_t{1}, budget_ / (rows / parts + 1));
    chosen_.assign(parts, false);
    std::size_t count = 0;
    for (std::size_t i = 0; i < parts; ++i) {
        if (sums_[0].by_part[i] == sums_[1].by_part[i]) continue;
        if (count == most) {
            all_ = false;
            break;
        }
        chosen_[i] = true;
        ++count;
    }
    for (auto& side : sums_) side.by_part = {};
}

void RowSearch::choose_keys() {
    std::erase_if(changes_, [](const auto& change) { return change.second == RowDigest(); });
    keys_ = changes_.size();
    if (!recorded_) return;
    auto wrong = of(Side::now).sum;
    wrong -= *recorded_;
    exact_ = of(Side::then).sum == *recorded_;
    const auto alone = std::find_if(changes_.begin(), changes_.end(),
                                    [&](const auto& change) { return change.second == wrong; });
    if (exact_ || alone == changes_.end()) return;
    changes_ = {*alone};
    keys_ = 1;
    exact_ = all_ = true;
}

void RowSearch::collect(Side side) {
    const auto& key = row_.key();
    // Keep the smallest keys, so that both sides keep the same ones.
    if (groups_.size() == most_groups && !groups_.contains(key)) {
        const auto last = std::prev(groups_.end());
        if (!(key.bytes < last->first.bytes)) return;
        groups_.erase(last);
    }
    auto& group = groups_[key];
    if (group.size() == most_versions && !group.contains(row_.digest())) return;
    auto& seen = group[row_.digest()];
    if (seen.then + seen.now == 0) {
        seen.key = row_.key_text();
        seen.fields = row_.field_digests();
    }
    ++(side == Side::now ? seen.now : seen.then);
}

FoundRow RowSearch::describe(const Group& group) const {
    const Seen *lost = nullptr, *added = nullptr;
    for (const auto& [digest, seen] : group) {
        if (seen.then > seen.now && lost == nullptr) lost = &seen;
        if (seen.now > seen.then && added == nullptr) added = &seen;
    }
    const auto& one = lost != nullptr ? *lost : added != nullptr ? *added : group.begin()->second;
    FoundRow row{.key = one.key, .then = one.then, .now = one.now};
    if (lost == nullptr || added == nullptr) {
        row.kind = one.then > 0 && one.now > 0 ? FoundRow::Kind::repeated
                   : one.then > 0              ? FoundRow::Kind::missing
                                               : FoundRow::Kind::added;
        return row;
    }
    const auto& columns = row_.table().columns;
    for (std::size_t i = 0; i < columns.size() && row.columns.size() < most_columns; ++i)
        if (i >= lost->fields.size() || i >= added->fields.size() ||
            !(lost->fields[i] == added->fields[i]))
            row.columns.push_back(readable(columns[i]));
    return row;
}

FoundRows RowSearch::found() const {
    FoundRows result{.keys = keys_, .all = all_, .exact = exact_ && all_};
    for (const auto& [key, group] : groups_) result.rows.push_back(describe(group));
    std::sort(result.rows.begin(), result.rows.end(), [](const auto& a, const auto& b) {
        return a.key.size() != b.key.size() ? a.key.size() < b.key.size() : a.key < b.key;
    });
    if (result.rows.size() > most_rows) result.rows.resize(most_rows);
    return result;
}

}  // namespace mastobak::postgres
