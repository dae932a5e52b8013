// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/row_digest.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/crypto/encoding.hpp"
#include "support/catch.hpp"

using namespace mastobak;

namespace {

RowKey counting_key() {
    RowKey key;
    for (std::size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = static_cast<std::uint8_t>(i);
    return key;
}

std::string digest_of(const std::vector<std::string>& rows, const RowKey& key = counting_key()) {
    RowDigester digester(key);
    for (const auto& row : rows) digester.add(row);
    return to_hex(digester.finish());
}

std::string random_text(std::mt19937& random, std::size_t size) {
    std::string text;
    while (text.size() < size) text += static_cast<char>(random() & 255U);
    return text;
}

}  // namespace

TEST_CASE("a digest of rows is what the description says") {
    // Computed with the Python program in FORMAT.md.
    CHECK(digest_of({}) == std::string(32, '0'));
    CHECK(digest_of({""}) == "eda330f90eecd16c003e5fb09bcff358");
    CHECK(digest_of({"1\tadmin\t\\N"}) == "d33f3c4a4c50bcc56264906844adc7dd");
    std::string long_row;
    for (int i = 0; i < 1000; ++i) long_row += static_cast<char>(i * 7);
    CHECK(digest_of({long_row, "1\tadmin\t\\N", long_row}) == "7f67bd5518a548e4eadf17c7b22f96bc");
    std::string longer;
    for (int i = 0; i < 5; ++i) longer += long_row;
    CHECK(digest_of({longer}) == "bf703790acf98ba9aa82846113393d66");
}

TEST_CASE("a digest of rows does not depend on their order, nor on the pieces that they come in") {
    std::mt19937 random(7);
    std::vector<std::string> rows;
    for (std::size_t size = 0; size < 700; ++size)
        rows.push_back(random_text(random, size % 20 == 0 ? size * 9 : size % 137));
    const auto key = make_row_key();
    const auto expected = digest_of(rows, key);
    std::shuffle(rows.begin(), rows.end(), random);
    CHECK(digest_of(rows, key) == expected);
    RowDigester in_pieces(key);
    for (const auto& row : rows) {
        for (std::size_t at = 0; at < row.size();) {
            const auto size = 1 + random() % 700;
            in_pieces.part(std::string_view(row).substr(at, size));
            at += size;
        }
        in_pieces.end_row();
    }
    CHECK(to_hex(in_pieces.finish()) == expected);
    RowDigester twice(key);
    for (std::size_t i = 0; i < 300; ++i) twice.add(rows[i]);
    auto sum = twice.finish();
    for (std::size_t i = 300; i < rows.size(); ++i) twice.add(rows[i]);
    sum += twice.finish();
    CHECK(to_hex(sum) == expected);
}

TEST_CASE("rows that are changed, exchanged between rows, doubled or cut have another digest") {
    const std::vector<std::string> rows{"1\ta\tb", "2\tc\td"};
    const auto before = digest_of(rows);
    for (const auto& others :
         std::vector<std::vector<std::string>>{{"1\ta\td", "2\tc\tb"},
                                               {"1\ta\tb", "2\tc\tD"},
                                               {"1\ta\tb"},
                                               {"1\ta\tb", "2\tc\td", "2\tc\td"},
                                               {"1\ta\tb2\tc\td"},
                                               {"1\ta\tb", "2\tc\td", ""},
                                               {"1\ta\tb", "2\tc\td" + std::string(1, '\0')}})
        CHECK(digest_of(others) != before);
    auto other_key = counting_key();
    other_key.bytes[31] ^= 1;
    CHECK(digest_of(rows, other_key) != before);
}

TEST_CASE("keys and digests of rows are read as they are written") {
    const auto key = make_row_key();
    CHECK(parse_hex<RowKey>(to_hex(key)) == key);
    CHECK_FALSE(parse_hex<RowKey>(to_hex(key).substr(1)));
    CHECK_FALSE(parse_hex<RowDigest>(std::string(31, '0') + "G"));
    CHECK(parse_hex<RowDigest>(std::string(32, 'f')));
}
