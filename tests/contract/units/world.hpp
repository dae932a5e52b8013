// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "units/unit_control.hpp"

namespace mastobak::test {

inline constexpr auto sidekiq_title = "sidekiq 7.3.9 live [0 of 25 busy]";

/// An implementation of UnitControl, and functions that make its units. A service and a number make
/// a name; globs make a pattern.
class World {
 public:
    virtual ~World() = default;
    virtual units::UnitControl& control() = 0;
    virtual std::string describe() const = 0;
    /// \param number empty: the only one of its service
    virtual std::string name(const std::string& service, const std::string& number = {}) const = 0;
    /// \param service a glob
    virtual std::string pattern(const std::string& service) const = 0;
    /// A unit that runs until it is stopped, and that stops when unit `part_of` stops.
    virtual void add_running(const std::string& name, const std::string& part_of = {}) = 0;
    /// Like an enabled unit, which systemd does not unload when it ends.
    virtual void add_running_and_wanted(const std::string& name) = 0;
    virtual void add_unable_to_start(const std::string& name) = 0;
    virtual void add_running_that_does_not_stop(const std::string& name) = 0;
    /// Its process title says after SIGTSTP that it takes no new jobs.
    virtual void add_sidekiq(const std::string& name) = 0;
    /// The same, but sidekiq is a child of the main process, a shell.
    virtual void add_sidekiq_behind_shell(const std::string& name) = 0;
    /// Whether a unit can be part of another one, and have files of its environment.
    virtual bool has_unit_files() const { return true; }

    boost::asio::io_context loop{1};
};

/// Generates each world in turn: the fake, the real systemd, and the engines that run here.
std::unique_ptr<World> make_world();

}  // namespace mastobak::test
