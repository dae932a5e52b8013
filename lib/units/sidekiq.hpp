// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mastobak::units {

/// The state that a sidekiq process reports in its title.
struct SidekiqState {
    std::uint64_t busy = 0;  ///< number of jobs that it works on
    bool quiet = false;      ///< it takes no new jobs

    bool idle_for_good() const { return quiet && busy == 0; }
    bool operator==(const SidekiqState&) const = default;
};

/// Parses "sidekiq 7.3.9 live [3 of 25 busy] stopping", also within quotes. sidekiq writes its
/// title every ten seconds, with its heartbeat.
/// Source: sidekiq's lib/sidekiq/launcher.rb, PROCTITLES.
/// \return nullopt for another program, and for a process that has not written its title yet
std::optional<SidekiqState> parse_sidekiq_title(std::string_view command_line);

}  // namespace mastobak::units
