// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mastobak::units {

/// What a sidekiq process says of itself in its title.
struct SidekiqState {
    std::uint64_t busy = 0;  ///< jobs it works on
    bool quiet = false;      ///< it takes no new ones

    bool idle_for_good() const { return quiet && busy == 0; }
    bool operator==(const SidekiqState&) const = default;
};

/// Reads "sidekiq 7.3.9 live [3 of 25 busy] stopping", also within quotes.
///
/// sidekiq writes its title every ten seconds, with its heartbeat.
/// Source: sidekiq's lib/sidekiq/launcher.rb, PROCTITLES.
/// \return nothing for another program, or one whose title has not been written yet
std::optional<SidekiqState> parse_sidekiq_title(std::string_view command_line);

}  // namespace mastobak::units
