// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "dumps/read_dump.hpp"

namespace mastobak::postgres {

/// An object that a restore does not create, because the owner of the database may not create it
/// (or not on this server). A restore runs no SQL of a set with more rights than the owner's.
struct LeftOut {
    std::string what;       ///< "PUBLICATION everything"
    std::string statement;  ///< copied from the dump; an admin has to read it before running it
};

/// Returns the objects of a dump that a restore leaves out on any server.
/// \param dump only its beginning is read
/// Throws Error{corrupt}, Error{environment} for a format newer than this program,
/// Error{cancelled}.
std::vector<LeftOut> left_out_of(const dumps::StoredDump& dump, const std::stop_token& stop);

/// Returns "PUBLICATION a, EVENT TRIGGER b and 3 more".
std::string names_of(const std::vector<LeftOut>& left_out);

}  // namespace mastobak::postgres
