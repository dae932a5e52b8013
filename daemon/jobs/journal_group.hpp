// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include "backup/media/find_media.hpp"
#include "config/config.hpp"
#include "core/unique_fd.hpp"
#include "media/journal/change_journal.hpp"

/// The privileged beginning of a change journal.
namespace mastobak::daemon {

struct JournalGroup {
    backup::MediaTree tree;
    UniqueFd fd;
};

/// Makes the kernel's side of the journal of the media. Needs root.
/// Returns nothing when the configuration says that the media is elsewhere.
/// Throws Error: what find_media throws, and Error{media} when there is no journal to be had.
std::optional<JournalGroup> make_journal_group(const config::Config& config);

/// The journal of one run in a process of its own; null when there is none to be had: not root, or
/// a file system without. To be called while still root, without threads.
std::unique_ptr<media::ChangeJournal> make_own_journal(const config::Config& config);

}  // namespace mastobak::daemon
