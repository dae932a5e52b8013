// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>

namespace mastobak::daemon {

/// A topic of `mastobak help` that has a man page.
struct HelpTopic {
    std::string_view name;
    const char* section;
    const char* page;
    std::string_view about;
};

inline constexpr std::array<HelpTopic, 4> help_topics{{
    {"config", "5", "mastobak.yaml", "the keys of the configuration"},
    {"restore", "8", "mastobak-restore", "what to do in a disaster, and all options of restore"},
    {"formats", "5", "mastobak-formats", "the files of a set"},
    {"mastobak", "8", "mastobak", "all commands, the metrics, the exit statuses"},
}};

}  // namespace mastobak::daemon
