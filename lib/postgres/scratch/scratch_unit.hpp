// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace mastobak::postgres {

/// What an instance of mastobak-drill@.service is for: "4711:usr/lib/postgresql/15/bin".
struct ScratchInstance {
    pid_t owner = 0;  ///< the server ends with this process
    std::filesystem::path bin_directory{};
};

/// Returns nothing for what is not the name of such an instance
std::optional<ScratchInstance> parse_scratch_instance(std::string_view text);

/// A ScratchServer that systemd runs, as mastobak-drill@….service: as a user of its own, who
/// reaches nothing of this host. Stopped by the destructor, which waits for its end.
class ScratchUnit {
 public:
    /// Whether this process may start one: systemd runs here, has that unit, and polkit's rule is
    /// for the daemon's user (root needs none).
    static bool is_available();
    /// Where its data go.
    static constexpr std::string_view data_directory = "/var/lib/mastobak-drill";

    /// Returns when the server takes connections.
    /// \param bin_directory of initdb and postgres
    /// Throws Error{environment}, Error{cancelled}.
    explicit ScratchUnit(const std::filesystem::path& bin_directory, std::stop_token stop = {});
    ~ScratchUnit();
    ScratchUnit(const ScratchUnit&) = delete;
    ScratchUnit& operator=(const ScratchUnit&) = delete;

    std::filesystem::path socket_directory() const;

 private:
    void stop() const noexcept;

    const std::string instance_;
};

}  // namespace mastobak::postgres
