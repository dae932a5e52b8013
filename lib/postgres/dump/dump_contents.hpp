// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "postgres/dump/dump_toc.hpp"
#include "postgres/inspect.hpp"
#include "postgres/restore/left_out.hpp"

/// Not for other folders.
namespace mastobak::postgres {

/// What a dump is made of, in the order in which it is restored. The lists are of ids, as
/// pg_restore --use-list takes them.
struct DumpContents {
    struct Extension {
        std::string name, schema;
        std::int64_t id = 0;  ///< of its entry
    };
    std::vector<std::string> schemas{};  ///< names; made by statements of our own
    std::vector<Extension> extensions{};
    std::string definitions{};   ///< tables, functions, …: quick, one after the other
    std::string rest{};          ///< rows and indexes
    std::string foreign_keys{};  ///< and what may speak of them
    std::string views{};         ///< what fills materialized views from the rest
    std::string last{};          ///< policies and publications: no rows are hidden before;
                                 ///< and rules of domains that rows may break
    std::string grants{};

    std::set<std::int64_t> made{};  ///< ids of all that is restored
    std::vector<LeftOut> left_out{};
    std::set<std::string> tables_left_out{};  ///< "public.accounts": with their rows
    std::set<std::string> tablespaces{};      ///< that something was in
    std::vector<std::string> settings{};      ///< statements: ALTER DATABASE … SET
    std::vector<TocEntry> entries{};
};

/// \param refused ids that turned out to be what the owner may not make
DumpContents sort_contents(std::vector<TocEntry> entries,
                           const std::set<std::int64_t>& refused = {});

/// Those, and all that is made of them.
std::set<std::int64_t> with_dependents(const std::vector<TocEntry>& entries,
                                       std::set<std::int64_t> ids);

/// "SECURITY DEFINER" and so on of a function's definition: "LANGUAGE c IMMUTABLE LEAKPROOF".
std::string function_attributes(const TocEntry& entry);

}  // namespace mastobak::postgres
