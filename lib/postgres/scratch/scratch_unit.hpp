// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace mastobak::postgres {

/// The parsed name of an instance of mastobak-drill@.service: "4711:usr/lib/postgresql/15/bin".
struct ScratchInstance {
    pid_t owner = 0;  ///< the server ends with this process
    std::filesystem::path bin_directory{};
};

/// Parses the name of an instance. Returns nullopt for an invalid name.
std::optional<ScratchInstance> parse_scratch_instance(std::string_view text);

/// A ScratchServer that systemd runs as mastobak-drill@….service, with a separate user and without
/// access to the rest of this host. The destructor stops it and waits for its end.
class ScratchUnit {
 public:
    /// Returns whether this process may start the unit: systemd is running and has the unit, and
    /// this process runs as root or as the daemon's user, whom a rule of polkit allows it.
    static bool is_available();
    /// The directory of the data.
    static constexpr std::string_view data_directory = "/var/lib/mastobak-drill";

    /// Starts the unit, and returns when the server accepts connections.
    /// \param bin_directory directory of initdb and postgres
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
