// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.hpp"
#include "backup/media/find_media.hpp"
#include "config/config.hpp"
#include "core/files/unique_fd.hpp"
#include "media/journal/change_journal.hpp"
#include "units/unit_control.hpp"

namespace mastobak::daemon {

/// The prefix of a journal's name in systemd's file descriptor store; the rest is unique.
constexpr std::string_view journal_name_prefix = "journal-";

/// Keeps the change journal between runs and between daemon processes.
///
/// systemd stores the fanotify group with the events not read yet (command_make_journal.cpp). A
/// file stores the events that were read but not used by a run. A daemon that is killed leaves no
/// such file; the journal is then incomplete. Use it on the loop's thread only.
class JournalKeeper {
 public:
    /// Takes over what systemd and the last daemon have stored. Call it before there are threads.
    JournalKeeper(std::shared_ptr<spdlog::logger> log,
                  const std::filesystem::path& state_directory);
    ~JournalKeeper();

    /// Finds the media and opens its journal for get(). If the media is unchanged, the journal
    /// stays the same. Must not be called while a run uses the journal. If there is no journal, the
    /// log says why.
    /// Cancel: throws the exception of the cancellation; the journal is unchanged.
    async::Task<> open(config::Config config, units::UnitControl& control,
                       boost::asio::thread_pool& pool);
    /// \return null when there is no journal
    media::ChangeJournal* get() const { return journal_.get(); }

    /// Reads the kernel's events periodically, so that its queue does not overflow. Runs until
    /// cancelled.
    async::Task<> keep_queue_short();

    /// Stores the journal for the next daemon. Call it at an orderly end.
    void save();

 private:
    void use(const std::optional<backup::MediaTree>& tree);
    bool write_memory(const std::string& memory);

    const std::shared_ptr<spdlog::logger> log_;
    const std::filesystem::path file_;
    std::string name_;
    UniqueFd group_;      ///< empty: no journal, and all functions have no effect
    std::string memory_;  ///< the changes that the last daemon stored
    std::unique_ptr<media::ChangeJournal> journal_;
};

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
