// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace mastobak {

/// The code of an error. Errors that need the same reaction have the same code; the text of the
/// Error says exactly what happened.
enum class Errc {
    internal,     ///< a defect of mastobak
    usage,        ///< the command line is wrong
    config,       ///< the configuration is wrong
    busy,         ///< a run is under way already
    cancelled,    ///< the operation was cancelled on request
    environment,  ///< this host lacks something (a program or directory is missing, …)
    units,        ///< systemd, or a unit of Mastodon
    database,     ///< PostgreSQL, pg_dump
    media,        ///< the media tree
    staging,      ///< the staging directory: full, not writable
    corrupt,      ///< a backup set is damaged or of an unknown version
    offsite,      ///< a remote
    unavailable,  ///< the daemon does not answer
    denied,       ///< the caller lacks the permission
    shutdown,     ///< the host is shutting down: the next start makes up for the run
};

/// The fixed properties of a code.
struct ErrorKind {
    Errc code;
    std::string_view name;  ///< in the journal, in `--json`, and behind "org.mastobak.Error."
    int exit_status;        ///< exit status of a command that fails with this code
    std::string_view hint;  ///< helps with most errors of this code; empty when none is needed
};

/// Every code, in the order of Errc. The man page has the same table.
inline constexpr std::array<ErrorKind, 15> error_kinds{{
    {Errc::internal, "internal", 1,
     "this is a defect of mastobak: please report it, with 'journalctl -u mastobak'"},
    {Errc::usage, "usage", 2, ""},
    {Errc::config, "config", 10, "'mastobak check-config' checks everything that a backup needs"},
    {Errc::busy, "busy", 11, "'mastobak status' shows what is in progress"},
    {Errc::cancelled, "cancelled", 12, ""},
    {Errc::environment, "environment", 13,
     "'mastobak check-config' checks everything that a backup needs"},
    {Errc::units, "units", 14, "'systemctl status UNIT' and 'journalctl -u UNIT' say more"},
    {Errc::database, "database", 15,
     "PostgreSQL's log says more; 'mastobak check-config' tries the connection"},
    {Errc::media, "media", 16,
     "is the file system of the media mounted and intact? see 'findmnt' and 'journalctl -k'"},
    {Errc::staging, "staging", 17,
     "is there room, and may the user 'mastobak' write there? see 'df', and ReadWritePaths= of the "
     "unit"},
    {Errc::corrupt, "corrupt", 18, "'mastobak verify --all' shows which sets are good"},
    {Errc::offsite, "offsite", 19,
     "'mastobak check-config' tries each remote; what is queued is tried again"},
    {Errc::unavailable, "unavailable", 20,
     "'systemctl status mastobak' shows whether the daemon runs"},
    {Errc::denied, "denied", 21, "root and the group 'mastobak' may do that"},
    {Errc::shutdown, "shutdown", 22,
     "the next start of mastobak makes up for it (schedule.catch_up)"},
}};

constexpr const ErrorKind& kind_of(Errc code) {
    return error_kinds.at(static_cast<std::size_t>(code));
}

/// Returns the name of a code, such as "database".
constexpr std::string_view to_string(Errc code) {
    return kind_of(code).name;
}

/// Returns the code with a name; Errc::internal for an unknown name, such as one of a newer daemon.
Errc parse_errc(std::string_view name);

/// Returns the exit status of a command that fails with this code. The command `status` has a table
/// of its own (Health).
constexpr int exit_status(Errc code) {
    return kind_of(code).exit_status;
}

/// The only exception type of mastobak.
///
/// The text is lower case, without a full stop, names in single quotes, and says what was tried, on
/// what, and why it failed. The hint says what the admin can do; it may be empty.
class Error : public std::exception {
 public:
    explicit Error(Errc code, std::string text, std::string hint = {});

    Errc code() const noexcept { return code_; }
    const std::string& text() const noexcept { return text_; }
    const std::string& hint() const noexcept { return hint_; }
    /// Returns whether a retry can succeed only after a person has changed something, such as a
    /// grant or a password.
    bool needs_person() const noexcept { return needs_person_; }
    /// Returns a copy of this error for which needs_person() is true.
    Error for_person() const;

    /// Returns the text and, after "; hint: ", the hint: one line of readable() characters, with
    /// line breaks replaced by spaces.
    const char* what() const noexcept override { return what_.c_str(); }

 private:
    Errc code_;
    std::string text_;
    std::string hint_;
    std::string what_;
    bool needs_person_ = false;
};

/// Returns the error with a hint: its own, or else the hint of its code, if the code has one. For
/// code that shows an error to a person.
Error hinted(const Error& error);

/// Returns an error for an errno: "cannot read '/etc/x': No such file or directory".
/// \param doing the operation and its object: "read '/etc/x'"
Error errno_error(Errc code, std::string_view doing, int error, std::string hint = {});

/// Returns the text of an exception on one line, followed by the texts of its nested exceptions,
/// separated by colons.
std::string describe(const std::exception& error);
std::string describe(std::exception_ptr error);

/// Returns an exception as an Error: itself when it is one, else Errc::internal with its text.
Error as_error(std::exception_ptr error);

}  // namespace mastobak
