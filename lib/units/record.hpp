// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mastobak::units {

/// /run/mastobak/stopped-units: the names of the units that have to be started again, one a line,
/// in the order in which they were stopped. Survives the daemon, not a reboot.
///
/// Its directory is the daemon's: root reads and writes there with the daemon's rights, and what it
/// makes is the daemon's as well.
class Record {
 public:
    explicit Record(std::filesystem::path file);

    /// Nothing when there is no record. Lines that are not unit names are left out.
    /// \param patterns of the configuration. Root starts nothing else by a record that another user
    ///        may have written: those names are left to that user, whom polkit asks.
    /// Throws Error{units} for what is not a small regular file with one name.
    std::vector<std::string> read(const std::vector<std::string>& patterns) const;
    /// All of them, for the user whose record it is.
    std::vector<std::string> read() const;
    /// Those that read(patterns) leaves out.
    std::vector<std::string> read_foreign(const std::vector<std::string>& patterns) const;
    /// Durable when it returns. Throws Error{units}.
    void write(const std::vector<std::string>& names) const;
    /// No error when there is none.
    void remove() const;
    const std::filesystem::path& file() const { return file_; }

 private:
    std::filesystem::path file_;
};

/// A small file of the daemon's in its runtime directory.
/// \param foreign becomes true where we are root and another user may have written it
/// \return nothing when there is none
/// Throws Error{units} for what is not a small regular file with one name.
std::optional<std::string> read_of_daemon(const std::filesystem::path& file, bool& foreign);

/// Whether a unit's name is one of these names or globs. Source: fnmatch(3), as systemd does it.
bool matches_one(const std::string& name, const std::vector<std::string>& patterns);

}  // namespace mastobak::units
