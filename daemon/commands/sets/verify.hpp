// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "daemon/cli/command.hpp"

namespace CLI {
class App;
}

namespace mastobak::daemon {

/// The arguments of `mastobak verify`.
struct VerifyRequest {
    std::vector<std::string> sets{};  ///< names, or "latest"; empty means "latest"
    bool all = false;                 ///< verify every set instead
    std::string from{};               ///< name of a remote; empty for staging
    bool whole = false;  ///< read all objects, also where the remote's own hash suffices
    std::optional<Bytes> bandwidth{};  ///< bytes per second; nullopt: the configured limit
};
/// \param request receives the values; must outlive the command
void add_options(CLI::App& command, Options&, VerifyRequest& request);

int command_verify(const Options& options, const VerifyRequest& request);
/// With --from: reads the objects of a remote.
int command_verify_remote(const Options& options, const VerifyRequest& request);

}  // namespace mastobak::daemon
