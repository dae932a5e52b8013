// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "postgres/connection.hpp"

/// Internal to postgres/.
namespace mastobak::postgres {

/// The tables of extensions whose rows are a part of a dump, such as PostGIS's spatial_ref_sys. They
/// belong to the superuser that created the extension, so the role that loads the dump needs a
/// permission to fill them. The rows are never loaded by the superuser.
class ExtensionTables {
 public:
    /// Lets a role read and fill these tables. A connection that may not permit it changes nothing:
    /// then these rows cannot be loaded, unless the role owns the tables.
    /// \param admin connection of the role that created the extensions, to the new database
    /// \param role  role that loads the dump
    /// Throws Error{database}, Error{cancelled}.
    void let_load(Connection& admin, const std::string& role);

    /// Revokes what let_load() has granted. Throws as let_load() does.
    void revoke(Connection& admin) const;

 private:
    struct Grant {
        std::string privileges, object;
    };
    std::string role_;
    std::vector<Grant> granted_;
};

}  // namespace mastobak::postgres
