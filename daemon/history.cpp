// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/history.hpp"

#include <nlohmann/json.hpp>

#include "core/files.hpp"
#include "daemon/json.hpp"
#include "store/usage.hpp"

namespace mastobak::daemon {
namespace {

constexpr auto file_name = "history.json";

}  // namespace

History read_history(const std::filesystem::path& state_directory, Timestamp now) {
    try {
        return history_from(nlohmann::json::parse(read_file(state_directory / file_name)));
    } catch (const std::exception&) {
        return {now, {}, {}};
    }
}

void write_history(const std::filesystem::path& state_directory, const History& history) {
    write_file(state_directory / file_name, dump(to_json(history), 2) + "\n");
}

void finish(RunRecord& record, const backup::Result& result, Timestamp now) {
    record.finished_at = now;
    record.set = result.manifest.set;
    record.size = store::own_bytes(result.manifest);
    record.downtime = result.manifest.downtime;
    record.units = result.manifest.units;
    record.warnings = result.manifest.warnings;
    record.down = result.down;
    record.steps = result.steps;
}

void finish(RunRecord& record, const Error& failure, Timestamp now) {
    const auto error = hinted(failure);
    record.finished_at = now;
    record.error_code = to_string(error.code());
    record.error = error.text();
    record.hint = error.hint();
}

}  // namespace mastobak::daemon
