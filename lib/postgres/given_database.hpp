// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>

#include "postgres/connection.hpp"

/// A database that a provider has made. Not for other folders.
namespace mastobak::postgres {

/// Whether the role that connects may make neither databases nor roles, but owns that one, and
/// nothing is in it but extensions. Throws Error{database}.
bool is_given(Connection& connection, const Settings& settings, const std::string& database);

/// Whether a database has no relations but those of extensions. Throws Error{database}.
bool is_empty(Settings settings, const std::string& database);

/// What is in a database that is given, so as to bring that back: it cannot be dropped.
class GivenDatabase {
 public:
    /// \param settings of that database
    /// Throws Error{database}.
    explicit GivenDatabase(const Settings& settings);

    /// Drops what has come since then, as far as the role may.
    void restore() const noexcept;

 private:
    const Settings settings_;
    std::set<std::string> before_;
};

}  // namespace mastobak::postgres
