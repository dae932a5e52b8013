// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/rows/large_objects.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <cstddef>
#include <memory>
#include <new>

namespace mastobak::postgres {
namespace {

constexpr std::size_t piece_of_large_object = std::size_t{1} << 20;

/// \param text a value of the type bytea, as the server writes it: "\\x00ff"
std::string bytes_of(const std::string& text) {
    std::size_t size = 0;
    const std::unique_ptr<unsigned char, decltype(&::PQfreemem)> bytes(
        ::PQunescapeBytea(reinterpret_cast<const unsigned char*>(text.c_str()), &size),
        &::PQfreemem);
    if (!bytes) throw std::bad_alloc();
    return {reinterpret_cast<const char*>(bytes.get()), size};
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
