// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace mastobak::backup {

enum class Severity { debug, info, warning, error, critical };

/// Receives the progress of a run. The engine never prints and never logs.
class Observer {
 public:
    virtual ~Observer() = default;

    /// A step begins; called on the loop. What it throws fails the run at that step: this is how
    /// tests fail, cancel and kill a run at every step without a list of them.
    virtual void step(std::string_view name) = 0;

    /// How far the step is. Called from any thread, often.
    /// \param fraction 0 to 1; negative: unknown
    virtual void progress(double fraction, std::string_view detail) = 0;

    /// Something for the journal, one line; called on the loop.
    virtual void message(Severity severity, std::string_view text) = 0;
};

}  // namespace mastobak::backup
