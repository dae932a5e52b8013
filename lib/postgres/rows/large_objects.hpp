// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include "core/crypto/row_digest.hpp"
#include "postgres/connection.hpp"

/// Internal to postgres/.
namespace mastobak::postgres {

/// Called with the digest of a large object, which is that of a row with its number and its bytes.
/// \param number "4242"
using OnLargeObject = std::function<void(const std::string& number, const RowDigest& digest)>;

/// Reads all large objects of a database, in pieces of 1 MiB.
/// Throws Error{database}, Error{cancelled}.
void read_large_objects(Connection& connection, const RowKey& key, const OnLargeObject& on_object);

}  // namespace mastobak::postgres
