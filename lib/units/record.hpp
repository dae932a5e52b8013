// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mastobak::units {

/// The record of stopped units, /run/mastobak/stopped-units: the names of the units that have to be
/// started again, one on each line, in the order in which they were stopped. It survives the end of
/// the daemon, but not a reboot, after which systemd starts its units itself.
///
/// A container engine does not start a container again after a reboot if it was stopped before
/// (`restart: unless-stopped`). So the names of containers are also in a second file, which survives
/// a reboot, and which counts when the first one is missing.
///
/// Its directory belongs to the daemon's user. Root reads and writes there with that user's rights,
/// so the files that root makes belong to that user as well.
class Record {
 public:
    /// \param containers file that survives a reboot; empty: none
    explicit Record(std::filesystem::path file, std::filesystem::path containers = {});

    /// Returns the recorded names that match; none when there is no record. Ignores lines that are
    /// not unit names.
    /// \param patterns mastodon.units of the configuration. When this process is root and another
    ///                 user may have written the record, only matching names are returned;
    ///                 otherwise all names
    /// Throws Error{units} when the file is not a small regular file with only one hard link.
    std::vector<std::string> read(const std::vector<std::string>& patterns) const;
    /// Returns all recorded names, for the user who owns the record.
    std::vector<std::string> read() const;
    /// Returns the names that read(patterns) leaves out.
    std::vector<std::string> read_foreign(const std::vector<std::string>& patterns) const;
    /// Writes the record durably. Throws Error{units}.
    void write(const std::vector<std::string>& names) const;
    /// Removes the record. A missing record is not an error. Throws Error{units}.
    void remove() const;
    const std::filesystem::path& file() const { return file_; }

 private:
    std::string text(bool& foreign) const;

    std::filesystem::path file_;
    std::filesystem::path containers_;
};

/// Reads a small file of the daemon in its runtime directory.
/// \param foreign becomes true when this process is root and another user may have written the file
/// \return nullopt when the file is missing
/// Throws Error{units} when the file is not a small regular file with only one hard link.
std::optional<std::string> read_of_daemon(const std::filesystem::path& file, bool& foreign);

/// Returns whether a unit's name matches one of the names or globs. Source: fnmatch(3), which
/// systemd uses, too.
bool matches_one(const std::string& name, const std::vector<std::string>& patterns);

}  // namespace mastobak::units
