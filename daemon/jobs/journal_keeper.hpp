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
#include "core/unique_fd.hpp"
#include "media/journal/change_journal.hpp"
#include "units/unit_control.hpp"

namespace mastobak::daemon {

/// The beginning of a journal's name in systemd's store; the rest is unique.
constexpr std::string_view journal_name_prefix = "journal-";

/// The change journal from one run to the next, and from one daemon to the next.
///
/// systemd keeps what the kernel has not told yet (command_make_journal.cpp), a file what it has
/// told and no run has used. A daemon that dies leaves no such file: then the journal is
/// incomplete. All of it on the loop's thread.
class JournalKeeper {
 public:
    /// Takes what systemd and the last daemon have kept. Before there are threads.
    JournalKeeper(std::shared_ptr<spdlog::logger> log,
                  const std::filesystem::path& state_directory);
    ~JournalKeeper();

    /// Finds the media and makes get() its journal; the same one if it is the same media. Not while
    /// a run uses it. The log says why there is none.
    /// Cancel: throws what the cancellation throws; the journal stays as it is.
    async::Task<> open(config::Config config, units::UnitControl& control,
                       boost::asio::thread_pool& pool);
    /// Null: there is none.
    media::ChangeJournal* get() const { return journal_.get(); }

    /// Reads, every now and then, what the kernel has to tell, so that it need not keep it.
    /// Until cancelled.
    async::Task<> keep_queue_short();

    /// Leaves it to the next daemon; to be called at an orderly end.
    void save();

 private:
    void use(const std::optional<backup::MediaTree>& tree);
    bool write_memory(const std::string& memory);

    const std::shared_ptr<spdlog::logger> log_;
    const std::filesystem::path file_;
    std::string name_;
    UniqueFd group_;      ///< none: nothing here does anything
    std::string memory_;  ///< of the last daemon
    std::unique_ptr<media::ChangeJournal> journal_;
};

}  // namespace mastobak::daemon
