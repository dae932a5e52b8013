// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "postgres/explain/explain.hpp"

/// Internal to postgres/.
namespace mastobak::postgres {

/// Finds the large objects that differ, as explain_rows() does for rows.
/// \param other returns the dump of a neighbouring set, if there is one; may be called repeatedly
/// \return the finding, with the numbers of the objects; nullopt if none differ
/// Throws Error{corrupt}, Error{database}, Error{cancelled}.
std::optional<ExplainedTable> explain_large_objects(
    const ExplainInput& input, const std::function<const std::optional<OtherDump>&()>& other,
    const std::stop_token& stop);

}  // namespace mastobak::postgres
