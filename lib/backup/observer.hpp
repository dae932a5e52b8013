// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace mastobak::backup {

enum class Severity { debug, info, warning, error, critical };

/// Receives the progress of a run. The engine never prints and never logs.
class Observer {
 public:
    virtual ~Observer() = default;

    /// Called on the event loop when a step begins. An exception thrown here fails the run at that
    /// step. Tests use this to fail, cancel and kill a run at every step without a list of the
    /// steps.
    virtual void step(std::string_view name) = 0;

    /// Reports the progress of the current step. Called often, from any thread.
    /// \param fraction 0 to 1; negative when unknown
    virtual void progress(double fraction, std::string_view detail) = 0;

    /// Passes one line for the journal. Called on the event loop.
    virtual void message(Severity severity, std::string_view text) = 0;
};

}  // namespace mastobak::backup
