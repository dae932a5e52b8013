// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "instance_on_host.hpp"
#include "support/hanging_disk.hpp"
#include "support/postgres_server.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_host.hpp"

namespace mastobak::test {

/// An event during a backup, and the step at which it happens; see night/main.cpp.
struct Mishap {
    std::string how{};  ///< "fail", "cancel", "kill", "hold"; empty: no event
    std::size_t step = 0;
    std::string crippled{};  ///< "no-start", "no-no-reply"
    bool stop_post = true;   ///< ExecStopPost=mastobak resume-units, as mastobak.service has it
};

/// A throwaway host on which a small Mastodon runs under a real systemd, with a real PostgreSQL, as
/// units or in containers. Backups of it meet with mishaps.
///
/// An admin has started an instance of streaming by hand, and has stopped a queue of sidekiq.
/// Exactly the units or containers in `running` have to run after each mishap.
class NightHost {
 public:
    explicit NightHost(bool logind = false, bool disk_of_its_own = false,
                       std::unique_ptr<InstanceOnHost> instance = in_units());
    ~NightHost();

    /// Makes a backup, and waits until systemd has run ExecStopPost.
    /// \return the exit status: 0 success, 3 failure, -1 killed
    int night(const Mishap& mishap = {});
    /// Starts a backup that is held at a step, and waits until it has reached the step.
    /// \return the name of the step; empty when the backup has fewer steps
    std::string hold_night_at(std::size_t step);
    void go_on() const;
    /// Replaces the contents of nearly all media. From the fourth set on, the newest set then has a
    /// pack with few live members, which the next backup repacks (media.repack_below).
    void change_media();
    bool has_pack_of_little_use() const;
    /// Waits for the end of the backup that was held.
    int end_of_night() const;

    std::vector<std::string> steps() const;  ///< the steps of the last backup
    std::string said() const;                ///< the messages of the last backup
    std::string error() const;               ///< its error; empty if it succeeded

    /// Replaces the earlier lines for mastobak.yaml by these: "consistency: offline".
    void configure(const std::string& yaml);
    /// Returns the number of a step in the last successful backup.
    std::size_t number_of(const std::string& step) const;
    /// Writes a drop-in for one of the units.
    void adjust(const std::string& unit, const std::string& service) const;
    std::string sh(const std::string& script) const { return host_.sh(script); }
    Finished exec(std::vector<std::string> argv) const { return host_.exec(std::move(argv)); }
    /// Starts the units that run at the beginning. Call it after a power cut, because the units are
    /// not enabled.
    void start_mastodon() const;
    /// Simulates a power cut, and boots again.
    void crash() { host_.crash(); }
    /// Returns whether what ran before a power cut runs again after the boot and resume-units.
    bool survives_boot() const { return instance_->survives_boot(); }
    /// Returns a command line for sh(): "/opt/… run --config …" for "run".
    std::string mastobak(const std::string& command) const;
    /// Starts mastobak.service as root, and waits until it has started.
    /// \param option "--no-block": does not wait
    void start_daemon(const std::string& option = "") const;

    std::set<std::string> active() const;
    /// Returns whether, within ten seconds, exactly the units in `running` run, sidekiq takes jobs,
    /// the maintenance page is off, and no stopped unit is recorded.
    bool mastodon_runs() const;
    bool maintenance_page_is_up() const;  ///< with the page at "/run/maintenance"
    std::vector<std::string> sets() const;
    std::vector<std::string> leftovers() const;
    /// Returns the problems that the verification of the newest sets finds.
    std::vector<std::string> damage(std::size_t newest = 1) const;

    std::string timeouts = "stop_timeout: 20 s, start_timeout: 20 s";  ///< for configure()

    /// Returns whether a thread of the backup waits for the disk in the kernel.
    bool night_hangs() const;

    TemporaryDirectory directory;       ///< live, staging, state; kept in a power cut
    std::unique_ptr<HangingDisk> disk;  ///< the disk of staging; null: that of `directory`
    std::set<std::string> running;

 private:
    std::unique_ptr<InstanceOnHost> instance_;
    TestHost host_;
    int changes_ = 0;
    std::vector<std::string> command(const Mishap& mishap) const;
    std::string file(const char* name) const;
};

}  // namespace mastobak::test
