// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/large_objects.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

namespace mastobak::postgres {
namespace {

constexpr std::size_t piece_of_large_object = std::size_t{1} << 20;

/// \param hex "\\x00ff", as the server writes it
std::string bytes_of(std::string_view hex) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string bytes;
    for (std::size_t i = 2; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
    return bytes;
}

}  // namespace

void read_large_objects(Connection& connection, const RowKey& key, const OnLargeObject& on_object) {
    RowDigester digester(key);
    for (const auto& object : connection.query("SELECT oid FROM pg_largeobject_metadata")) {
        const auto number = object[0].value_or("");
        digester.part(number + "\t");
        for (std::size_t at = 0;; at += piece_of_large_object) {
            const auto piece = bytes_of(connection.value(
                fmt::format("SELECT lo_get({}, {}, {})", number, at, piece_of_large_object)));
            digester.part(piece);
            if (piece.size() < piece_of_large_object) break;
        }
        digester.end_row();
        on_object(number, digester.finish());
    }
}

}  // namespace mastobak::postgres
