// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace mastobak::units {

/// A file that exists while Mastodon is stopped, so that the web server shows a page of its own.
///
/// Its path is recorded durably before it is made: the process that starts the units of one that
/// died takes it away as well. A file that is there already is not ours, and stays.
class MaintenancePage {
 public:
    /// \param record where the path is remembered, in /run/mastobak
    /// \param configured root takes no other file away by a record that another user may have
    /// written
    explicit MaintenancePage(std::filesystem::path record, std::filesystem::path configured = {})
        : record_(std::move(record)), configured_(std::move(configured)) {}

    /// \param file empty: there is to be none
    /// Throws Error{units} when it cannot be made.
    void raise(const std::filesystem::path& file);
    bool raised() const;
    /// Takes away what raise() made, in this process or an earlier one.
    /// \return what went wrong
    std::optional<std::string> lower() const noexcept;

 private:
    std::filesystem::path record_;
    std::filesystem::path configured_;
};

}  // namespace mastobak::units
