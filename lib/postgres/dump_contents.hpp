// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/tools.hpp"

/// Not for other folders.
namespace mastobak::postgres {

/// The entries of a dump, as pg_restore --use-list takes them; in the order in which the groups are
/// restored.
struct DumpContents {
    std::string schemas{};
    std::string extensions{};  ///< with their comments, which only their owner may write
    std::vector<std::string> extension_names{};
    std::string rest{};
    std::string foreign_keys{};  ///< and what may speak of them
    std::string views{};         ///< what fills materialized views from the rest
    std::size_t grants = 0;      ///< in the rest
};

/// \param dump in the custom format, not compressed from outside
/// Throws Error{corrupt} when pg_restore cannot read it, Error{cancelled}.
DumpContents read_contents(const std::filesystem::path& dump, const Tools& tools,
                           std::stop_token stop);

/// Sorts the lines of pg_restore --list into the groups.
DumpContents sort_contents(std::string_view list);

}  // namespace mastobak::postgres
