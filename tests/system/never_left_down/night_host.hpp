// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/hanging_disk.hpp"
#include "support/postgres_server.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_host.hpp"

namespace mastobak::test {

/// What happens to a night, and when; see night/main.cpp.
struct Mishap {
    std::string how{};  ///< "fail", "cancel", "kill", "hold"; empty: nothing
    std::size_t step = 0;
    std::string crippled{};  ///< "no-start", "no-no-reply"
    bool stop_post = true;   ///< ExecStopPost=mastobak resume-units, as mastobak.service has it
};

/// A throwaway host on which a small Mastodon runs under a real systemd, with a real PostgreSQL,
/// and is backed up by nights that meet with mishaps.
///
/// Of Mastodon, an instance of streaming was started by hand, and a queue of sidekiq was stopped by
/// an admin: exactly `running` are to run whatever happens.
class NightHost {
 public:
    explicit NightHost(bool logind = false, bool disk_of_its_own = false);
    ~NightHost();

    /// Runs a night to its end, and waits for what systemd does after it.
    /// \return its exit status: 0 well, 3 failed, -1 killed
    int night(const Mishap& mishap = {});
    /// Starts one that is held at a step, and waits until it is there.
    /// \return the name of the step; empty when there is none of that number
    std::string hold_night_at(std::size_t step);
    void go_on() const;
    /// New contents for nearly all media: from the fourth set on, the newest one then has a pack of
    /// little use, which the next night packs again (media.repack_below).
    void change_media();
    bool has_pack_of_little_use() const;
    /// Waits for the end of the night that was held.
    int end_of_night() const;

    std::vector<std::string> steps() const;  ///< of the last night
    std::string said() const;                ///< its messages
    std::string error() const;               ///< empty when it went well

    /// Lines for mastobak.yaml, in place of those of before: "consistency: offline".
    void configure(const std::string& yaml);
    /// The number of a step in the last night that went well.
    std::size_t number_of(const std::string& step) const;
    /// A drop-in for one of the units.
    void adjust(const std::string& unit, const std::string& service) const;
    std::string sh(const std::string& script) const { return host_.sh(script); }
    Finished exec(std::vector<std::string> argv) const { return host_.exec(std::move(argv)); }
    /// As it is at the beginning: for after a power cut, since the units are not enabled.
    void start_mastodon() const;
    /// A power cut, and the next boot.
    void crash() { host_.crash(); }
    /// A command line for sh(): "run" gives "/opt/… run --config …".
    std::string mastobak(const std::string& command) const;
    /// mastobak.service, as root; up when it returns.
    /// \param option "--no-block": not yet
    void start_daemon(const std::string& option = "") const;

    std::set<std::string> active() const;
    /// Whether within ten seconds exactly those run that ran before, sidekiq takes jobs, no
    /// maintenance page is up, and nothing is recorded.
    bool mastodon_runs() const;
    bool maintenance_page_is_up() const;  ///< where it is "/run/maintenance"
    std::vector<std::string> sets() const;
    std::vector<std::string> leftovers() const;
    /// What verification says of the newest sets.
    std::vector<std::string> damage(std::size_t newest = 1) const;

    std::string timeouts = "stop_timeout: 20 s, start_timeout: 20 s";  ///< configure() next

    /// Whether one of the night's threads waits for the disk, in the kernel.
    bool night_hangs() const;

    TemporaryDirectory directory;       ///< live, staging, state: outlives a power cut
    std::unique_ptr<HangingDisk> disk;  ///< of staging; null: that of `directory`
    std::set<std::string> running;

 private:
    TestHost host_;
    int changes_ = 0;
    std::vector<std::string> command(const Mishap& mishap) const;
    std::string file(const char* name) const;
};

}  // namespace mastobak::test
