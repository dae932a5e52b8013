// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "postgres/explain/explain.hpp"

/// Not for other folders.
namespace mastobak::postgres {

/// The same as explain_rows(), of large objects: which ones differ, by their numbers.
/// \param other as in the input; it may be asked more than once
/// \return nothing: none differ, or there are none
std::optional<ExplainedTable> explain_large_objects(
    const ExplainInput& input, const std::function<const std::optional<OtherDump>&()>& other,
    const std::stop_token& stop);

}  // namespace mastobak::postgres
