// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/message_ids.hpp"

namespace mastobak::daemon {

/// The fields of an entry of the journal, in addition to the message. Empty ones are left out.
struct LogFields {
    std::string run{};     ///< MASTOBAK_RUN: id of the run
    std::string set{};     ///< MASTOBAK_SET
    std::string remote{};  ///< MASTOBAK_REMOTE: name of the remote
    MessageId event{};     ///< MASTOBAK_EVENT and MESSAGE_ID
};

/// As long as it exists, all that this thread logs has these fields in the journal. It must not
/// exist during a co_await.
class WithFields {
 public:
    explicit WithFields(LogFields fields);
    ~WithFields();
    WithFields(const WithFields&) = delete;
    WithFields& operator=(const WithFields&) = delete;

 private:
    LogFields before_;
};

/// Returns the entry of the journal for a message, as "MESSAGE=…", "PRIORITY=…" and the fields that
/// WithFields has set for this thread. All values are made readable().
std::vector<std::string> journal_entry(std::string_view message, int priority);

/// Where the log goes.
enum class LogTo {
    standard_error,
    journal,  ///< with fields, if standard error is the journal; for long-lived processes: journald
              ///< may not find the unit of a process that ends at once
};

/// Creates the only logger of the program. It writes to standard error, which under systemd goes to
/// the journal. There, each line begins with its priority ("<4>"), so that `journalctl -p warning`
/// works. Each line is made readable().
/// Source: sd-daemon(3), "SD_WARNING".
std::shared_ptr<spdlog::logger> make_logger(bool verbose, LogTo to = LogTo::standard_error);

/// The last lines of a log, for notifications.
class LastLines {
 public:
    virtual ~LastLines() = default;
    /// Returns those of the last 200 lines that contain a text, made readable(), each with its line
    /// feed. May be called from any thread.
    virtual std::string with(std::string_view part) = 0;
};

/// Makes a logger remember its last lines, from the level info on.
std::shared_ptr<LastLines> remember_lines(spdlog::logger& log);

/// Quotes text from outside for a `key=value` line: puts it in double quotes, with a backslash
/// before each double quote and each backslash.
std::string quoted_value(std::string_view text);

}  // namespace mastobak::daemon
