// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include "backup/media/find_media.hpp"
#include "config/config.hpp"
#include "core/unique_fd.hpp"
#include "media/journal/change_journal.hpp"

/// The privileged part of a change journal.
namespace mastobak::daemon {

struct JournalGroup {
    backup::MediaTree tree;
    UniqueFd fd;
};

/// Creates the fanotify group for the media. Needs root.
/// \return nullopt when the configuration says that the media is elsewhere
/// Throws the errors of find_media, and Error{media} when the journal cannot be created.
std::optional<JournalGroup> make_journal_group(const config::Config& config);

/// Creates the journal for a run in a separate process. Call it while still root and before there
/// are threads.
/// \return null when the process is not root or the file system does not support a journal
std::unique_ptr<media::ChangeJournal> make_own_journal(const config::Config& config);

}  // namespace mastobak::daemon
