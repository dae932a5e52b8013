// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace mastobak {

/// One code for each different reaction; what happened exactly is in the text.
/// daemon/exit_status.hpp maps them to exit statuses, daemon/control to names of D-Bus errors.
enum class Errc {
    internal,     ///< a defect of ours
    usage,        ///< the command line is wrong
    config,       ///< the configuration is wrong
    busy,         ///< a run is going on already
    cancelled,    ///< somebody asked for it
    environment,  ///< this host is not as it has to be (a program or directory is missing, …)
    shutdown,     ///< the host is shutting down: the next start makes up for it
    units,        ///< systemd, or a unit of Mastodon
    database,     ///< PostgreSQL, pg_dump
    media,        ///< the media tree
    staging,      ///< the staging directory: full, not writable
    corrupt,      ///< a backup set is damaged or of an unknown version
    offsite,      ///< a remote
    unavailable,  ///< the daemon does not answer
    denied,       ///< not allowed to
};

/// The field-independent name of a code, as the journal and `--json` show it ("database").
std::string_view to_string(Errc code);

/// The one exception of mastobak.
///
/// The text is lower case, without a full stop, names in single quotes, and says what was tried, on
/// what, and why it failed. The hint says what the admin can do; it may be empty.
class Error : public std::exception {
 public:
    explicit Error(Errc code, std::string text, std::string hint = {});

    Errc code() const noexcept { return code_; }
    const std::string& text() const noexcept { return text_; }
    const std::string& hint() const noexcept { return hint_; }

    /// The text, and the hint behind "; hint: ": one line of readable() characters, line breaks
    /// replaced by spaces.
    const char* what() const noexcept override { return what_.c_str(); }

 private:
    Errc code_;
    std::string text_;
    std::string hint_;
    std::string what_;
};

/// The same error with a hint: where it has none, what helps with most of its code. For who shows
/// an error to a person. Cancelled and usage errors need none.
Error hinted(const Error& error);

/// "'text': strerror" for the current or the given errno.
/// \param doing what was tried, on what: "read '/etc/x'"
Error errno_error(Errc code, std::string_view doing, int error, std::string hint = {});

/// What any exception has to say, on one line; with those nested in it behind colons.
std::string describe(const std::exception& error);
std::string describe(std::exception_ptr error);

/// The exception as an Error: itself, or Errc::internal with its text.
Error as_error(std::exception_ptr error);

}  // namespace mastobak
