// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace mastobak::units {

/// A file that exists while Mastodon is stopped, so that the web server shows a maintenance page.
///
/// Its path is recorded durably before the file is made, so that the process that starts the units
/// of a killed run also removes the file. A file that already exists is not ours, and stays.
class MaintenancePage {
 public:
    /// \param record     file for the path, in /run/mastobak
    /// \param configured consistency.maintenance_file. Root removes only this file, because another
    ///                   user may have written the record.
    explicit MaintenancePage(std::filesystem::path record, std::filesystem::path configured = {})
        : record_(std::move(record)), configured_(std::move(configured)) {}

    /// Makes the maintenance file, unless it exists.
    /// \param file when empty, no file is made
    /// Throws Error{units} when the file cannot be made.
    void raise(const std::filesystem::path& file);
    /// Returns whether there is a record of a maintenance file.
    bool raised() const;
    /// Removes the file that raise() made, in this process or an earlier one.
    /// \return a warning when that failed
    std::optional<std::string> lower() const noexcept;

 private:
    std::filesystem::path record_;
    std::filesystem::path configured_;
};

}  // namespace mastobak::units
