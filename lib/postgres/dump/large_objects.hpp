// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include "core/crypto/row_digest.hpp"
#include "postgres/connection.hpp"

/// Not for other folders.
namespace mastobak::postgres {

/// A large object counts as a row of its number and its bytes.
/// \param number "4242"
using OnLargeObject = std::function<void(const std::string& number, const RowDigest& digest)>;

/// Reads each large object of a database, in pieces. Throws Error{database}, Error{cancelled}.
void read_large_objects(Connection& connection, const RowKey& key, const OnLargeObject& on_object);

}  // namespace mastobak::postgres
