// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mastobak {

/// One of the Mastodons of this host that are backed up. All names and paths that belong to it alone
/// come from here. A host with only one has the instance without a name, whose names are those of
/// the program; each other instance has a configuration, state, daemon and bus name of its own.
class Instance {
 public:
    /// The instance without a name.
    Instance() = default;
    /// \param name begins with a lower-case letter; lower-case letters, digits and '-', at most 32
    /// Throws Error{usage} for another text, and for "ssh", which /etc/mastobak has already.
    explicit Instance(std::string name);

    /// Empty for the instance without a name.
    const std::string& name() const { return name_; }
    bool has_name() const { return !name_.empty(); }

    /// "/etc/mastobak/mastobak.yaml", "/etc/mastobak/NAME/mastobak.yaml"
    std::filesystem::path configuration() const;
    /// "/var/lib/mastobak", "/var/lib/mastobak@NAME"
    std::filesystem::path state_directory() const;
    /// "/run/mastobak", "/run/mastobak@NAME"
    std::filesystem::path runtime_directory() const;
    /// The file that the instance locks while it makes a run: the same one for all instances.
    static std::filesystem::path lock_of_host();

    /// The daemon, without its suffix, as systemctl(1) takes it: "mastobak", "mastobak@NAME"
    std::string daemon() const { return suffixed("mastobak"); }
    /// "mastobak.service", "mastobak@NAME.service"
    std::string unit() const { return daemon() + ".service"; }
    /// The unit of the helper's socket: "mastobak-containers.socket", …
    std::string containers_unit() const { return suffixed("mastobak-containers") + ".socket"; }
    /// Where that unit listens: "/run/mastobak-containers.sock", …
    std::filesystem::path containers_socket() const;
    /// "org.mastobak.Daemon1", "org.mastobak.Daemon1.NAME"
    std::string bus_name() const;
    /// The rule of polkit for units with unusual names:
    /// "/etc/polkit-1/rules.d/45-mastobak.rules", …
    std::filesystem::path polkit_rule() const;
    /// The beginning of a command line: "mastobak", "mastobak --instance NAME"
    std::string command() const;

    bool operator==(const Instance&) const = default;

 private:
    /// Returns "BASE" or "BASE@NAME".
    std::string suffixed(std::string_view base) const;

    std::string name_{};
};

/// Returns the instances of this host that have a configuration: first the one without a name, then
/// the others by their names.
std::vector<Instance> configured_instances();

}  // namespace mastobak
