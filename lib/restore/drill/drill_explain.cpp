// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/drill_explain.hpp"

#include <algorithm>
#include <optional>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "restore/source/checked_files.hpp"

namespace mastobak::restore {
namespace {

/// Returns the set before `set`; if there is none, the set after it.
std::optional<std::string> neighbour_of(const std::vector<std::string>& sets,
                                        const std::string& set) {
    const auto at = std::lower_bound(sets.begin(), sets.end(), set);
    if (at != sets.begin()) return *(at - 1);
    const auto after = std::upper_bound(sets.begin(), sets.end(), set);
    return after == sets.end() ? std::nullopt : std::optional(*after);
}

std::optional<postgres::OtherDump> other_dump(const Explained& what, const DrillOptions& options,
                                              const std::stop_token& stop) {
    const auto set = neighbour_of(what.source.list(stop), what.set);
    if (!set) return std::nullopt;
    try {
        const auto manifest = what.source.manifest(*set, stop);
        if (options.require_signed && !what.source.foreign().empty()) return std::nullopt;
        const auto needed = size_of_dump(manifest) + options.min_free;
        if (what.source.is_far() && free_space(options.scratch, Errc::environment) < needed)
            return std::nullopt;
        return postgres::OtherDump{*set, fetch_dump(what.source, manifest, stop)};
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        return std::nullopt;  // the other set is damaged, too
    }
}

}  // namespace

std::vector<postgres::ExplainedTable> explain_drill(const Explained& what,
                                                    const DrillOptions& options,
                                                    const std::stop_token& stop) {
    const auto& contents = what.database.dumped().contents;
    if (!contents)
        return {{.finding = "rows cannot be narrowed down: the set does not record them"}};
    if (!what.database.has_own_tools())
        return {
            {.finding = "rows cannot be narrowed down: this host has no pg_restore for the set"}};
    try {
        postgres::ExplainInput input{
            .dump = what.dump, .recorded = *contents, .tools = what.database.tools(), .other = [&] {
                return other_dump(what, options, stop);
            }};
        if (what.restored) input.restored = what.database.settings();
        return postgres::explain_rows(input, stop);
    } catch (const Error& error) {
        if (stop.stop_requested() || error.code() == Errc::cancelled)
            throw Error(Errc::cancelled, "the drill was cancelled");
        return {{.finding = "rows cannot be narrowed down: " + error.text()}};
    }
}

}  // namespace mastobak::restore
