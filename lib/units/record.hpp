// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mastobak::units {

/// /run/mastobak/stopped-units: the names of the units that have to be started again, one a line,
/// in the order in which they were stopped. Survives the daemon, not a reboot.
class Record {
 public:
    explicit Record(std::filesystem::path file);

    /// Nothing when there is no record. Lines that are no unit names are left out.
    std::vector<std::string> read() const;
    /// Durable when it returns. Throws Error{units}.
    void write(const std::vector<std::string>& names) const;
    /// No error when there is none.
    void remove() const;
    const std::filesystem::path& file() const { return file_; }

 private:
    std::filesystem::path file_;
};

}  // namespace mastobak::units
