// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace mastobak::postgres {

/// Something of a database that its owner may not make, or not here, so that a restore leaves it
/// out: no SQL of a set is run with more rights than the owner's.
struct LeftOut {
    std::string what;       ///< "PUBLICATION everything"
    std::string statement;  ///< as the dump has it, for an admin to read and then to run
};

/// What a restore of a dump would leave out wherever it is restored.
/// \param dump database.dump.zst; its beginning is read
/// Throws Error{corrupt}, Error{environment} for a format newer than this program,
/// Error{cancelled}.
std::vector<LeftOut> left_out_of(const std::filesystem::path& dump, const std::stop_token& stop);

/// "PUBLICATION a, EVENT TRIGGER b and 3 more"
std::string names_of(const std::vector<LeftOut>& left_out);

}  // namespace mastobak::postgres
