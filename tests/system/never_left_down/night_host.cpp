// SPDX-License-Identifier: GPL-3.0-or-later
#include "night_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "config/config.hpp"
#include "media/backup_tree.hpp"
#include "restore/source/verify_dump.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/staging.hpp"
#include "store/verify.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;
namespace {

constexpr auto database = "mastodon_never";
constexpr auto inside_night = "/opt/night/night";
constexpr auto inside_mastobak = "/opt/daemon/mastobak";

constexpr auto environment =
    R"(SECRET_KEY_BASE=6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a
OTP_SECRET=0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b0f0c7d3e4f5a6a1b
VAPID_PRIVATE_KEY=zGJJIRh9Uhkl9-3hLfO1lcoCh8DV0O_yErrOhJPkU6U=
VAPID_PUBLIC_KEY=BDrkeowhtIkV9978T97JqjerYl_LasQe6g-UFHuckXzObkvCPcRcNJ1zY1U3kO2d1mH1FWV3EDsFb0CsMKB_fe8=
ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY=3yLkZ0zVv7Qm1TtWc8Ns5RbXh2Jd9PfK
ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY=aR5tY7uI9oP1sD3fG5hJ7kL9zX1cV3bN
ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT=Gq4Mw6Ey8Ua1Ic3Oe5Zs7Nx9Rv2Bt0Lh
)";

// The daemon, run as root here, owns its name on the bus.
constexpr auto permit_name = R"(
sed 's/user="mastobak"/user="root"/' {0}/systemd/org.mastobak.Daemon1.conf \
    >$ROOTFS/etc/dbus-1/system.d/org.mastobak.Daemon1.conf
)";

TestHostOptions host_options(const fs::path& directory, bool logind,
                             const InstanceOnHost& instance) {
    const auto in = [](const char* program, const char* inside) {
        return fs::path(program).parent_path().native() + ":" +
               fs::path(inside).parent_path().native();
    };
    TestHostOptions options;
    options.setup = fmt::format(permit_name, SOURCE_DIR);
    options.bind = {directory.native(), PostgresServer::shared().socket_directory().native()};
    options.bind_read_only = {in(NIGHT, inside_night), in(MASTOBAK, inside_mastobak)};
    options.logind = logind;
    instance.prepare(options, directory);
    return options;
}

}  // namespace

NightHost::NightHost(bool logind, bool disk_of_its_own, std::unique_ptr<InstanceOnHost> instance)
    : disk(disk_of_its_own ? std::make_unique<HangingDisk>(directory / "staging") : nullptr),
      instance_(std::move(instance)),
      host_(host_options(directory.path(), logind, *instance_)) {
    auto& server = PostgresServer::shared();
    server.create_mastodon(database);
    server.psql(database,
                "INSERT INTO accounts (id, username, created_at, updated_at) "
                "SELECT i, 'user' || i, now(), now() FROM generate_series(1, 50) i");
    write(directory / "live/.env.production",
          fmt::format("{}DB_HOST={}\nDB_NAME={}\nDB_USER=postgres\n", environment,
                      server.socket_directory().native(), database));
    write(directory / "live/public/system/media_attachments/files/1/original/a.jpg", "a picture");
    // Enough files for the sets to share an index.
    for (int i = 0; i < 1200; ++i)
        write(directory / fmt::format("live/public/system/custom_emojis/images/{}.png", i),
              fmt::format("emoji {}", i));
    fs::copy_file(SOURCE_DIR "/tests/support/instance/stand-in", directory / "live/stand-in");
    // Units run as root, and PostgreSQL looks up its directory by name.
    fs::permissions(directory.path(), fs::perms(0755));
    fs::create_directory(directory / "state");
    configure("");
    instance_->make(host_, directory.path());
    start_mastodon();
    running = active();
    REQUIRE(running.size() >= 4);
}

// A host with a process that hangs cannot end.
NightHost::~NightHost() {
    if (disk) disk->go_on();
}

void NightHost::start_mastodon() const {
    instance_->start(host_);
}

void NightHost::configure(const std::string& yaml) {
    write(directory / "mastobak.yaml",
          fmt::format("mastodon: {{{3}, {2}}}\n"
                      "staging: {{path: {0}/staging, min_free: 0 B}}\n"
                      "state_directory: {0}/state\nfiles: {{nginx: []}}\n"
                      "schedule: {{enabled: false}}\n{1}\n",
                      directory.path().native(), yaml, timeouts,
                      instance_->settings(directory.path())));
}

std::size_t NightHost::number_of(const std::string& step) const {
    const auto all = steps();
    const auto found = std::find(all.begin(), all.end(), step);
    REQUIRE(found != all.end());
    return static_cast<std::size_t>(found - all.begin());
}

void NightHost::adjust(const std::string& unit, const std::string& service) const {
    write(host_.root() / ("run/systemd/system/" + unit + ".d/test.conf"), "[Service]\n" + service);
    sh("systemctl daemon-reload");
}

std::vector<std::string> NightHost::command(const Mishap& mishap) const {
    const auto config = (directory / "mastobak.yaml").native();
    for (const auto* name : {"steps", "said", "error", "go"}) fs::remove(directory / name);
    // The time-out is that of mastobak.service.
    std::vector<std::string> argv{"systemd-run", "--quiet", "--collect", "--unit=night",
                                  "--property=TimeoutStopSec=90"};
    if (mishap.stop_post) argv.push_back("--property=ExecStopPost=" + mastobak("resume-units"));
    argv.insert(argv.end(), {inside_night, config, directory.path().native()});
    if (!mishap.how.empty())
        argv.insert(argv.end(), {mishap.how, std::to_string(mishap.step), mishap.crippled});
    return argv;
}

int NightHost::night(const Mishap& mishap) {
    auto argv = command(mishap);
    argv.insert(argv.begin() + 1, "--wait");
    const auto finished = exec(std::move(argv));
    // Depending on its version, systemd-run reports a signal as 255 or like a shell.
    return finished.exit_status == 0 || finished.exit_status == 3 ? finished.exit_status : -1;
}

std::string NightHost::hold_night_at(std::size_t step) {
    const auto started = exec(command({.how = "hold", .step = step}));
    INFO(started.error_tail);
    REQUIRE(started.ok());
    std::vector<std::string> seen;
    const bool there = eventually(
        [&] {
            seen = steps();
            return seen.size() > step ||
                   exec({"systemctl", "is-active", "-q", "night"}).exit_status != 0;
        },
        std::chrono::seconds(30));
    REQUIRE(there);
    return seen.size() > step ? seen.back() : "";
}

// Changes one of three files, so that the next backup repacks the rest of the backup before the
// last.
void NightHost::change_media() {
    const auto media = directory / "live/public/system/media_attachments/files";
    const auto change = [&](const std::string& name, std::size_t size) {
        write(media / name / "original/b.jpg",
              fmt::format("{} {} {}", name, changes_, std::string(size, 'x')));
    };
    change("most", 50'000);
    change(std::to_string(sets().size() % 3), 5'000);
    ++changes_;
}

bool NightHost::has_pack_of_little_use() const {
    const auto packs = store::Staging(directory / "staging").manifest(sets().back()).media.packs;
    return std::any_of(packs.begin(), packs.end(), [](const auto& pack) {
        return pack.live.count * 100 <
               pack.size.count * static_cast<unsigned>(config::Media().repack_below);
    });
}

void NightHost::go_on() const {
    write(directory / "go", "");
}

int NightHost::end_of_night() const {
    const bool ended = eventually(
        [&] {
            // Waits until the name of the unit can be used again.
            return exec({"systemctl", "show", "-P", "LoadState", "night"}).output == "not-found\n";
        },
        std::chrono::seconds(60));
    REQUIRE(ended);
    return error().empty() ? 0 : 3;
}

bool NightHost::night_hangs() const {
    return exec({"bash", "-c",
                 "grep -q ') D ' /proc/$(systemctl show -P MainPID night)/task/*/stat"})
        .ok();
}

std::string NightHost::mastobak(const std::string& command) const {
    return fmt::format("{} {} --config {}", inside_mastobak, command,
                       (directory / "mastobak.yaml").native());
}

void NightHost::start_daemon(const std::string& option) const {
    write(host_.root() / "run/systemd/system/mastobak.service",
          fmt::format("[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=notify\n"
                      "ExecStart={}\nExecStopPost={}\n"
                      "Restart=on-failure\nRestartSec=100ms\n",
                      mastobak("daemon"), mastobak("resume-units")));
    sh("systemctl daemon-reload; systemctl start mastobak " + option);
}

std::string NightHost::file(const char* name) const {
    return fs::exists(directory / name) ? read(directory / name) : "";
}

std::vector<std::string> NightHost::steps() const {
    std::istringstream lines(file("steps"));
    std::vector<std::string> names;
    for (std::string name; std::getline(lines, name);) names.push_back(name);
    return names;
}

std::string NightHost::said() const {
    return file("said");
}

std::string NightHost::error() const {
    return file("error");
}

std::set<std::string> NightHost::active() const {
    return instance_->active(host_);
}

bool NightHost::mastodon_runs() const {
    return eventually([&] {
        const auto recorded = exec(
            {"bash", "-c", "ls -A --ignore=run.lock --ignore=host.lock /run/mastobak 2>/dev/null"});
        return active() == running && !instance_->is_quiet(host_) && recorded.output.empty() &&
               !fs::exists(directory / "state/stopped-containers") && !maintenance_page_is_up();
    });
}

bool NightHost::maintenance_page_is_up() const {
    return fs::exists(host_.root() / "run/maintenance");
}

std::vector<std::string> NightHost::sets() const {
    return store::Staging(directory / "staging").list();
}

std::vector<std::string> NightHost::damage(std::size_t newest) const {
    const store::Staging staging(directory / "staging");
    std::vector<std::string> all;
    auto names = staging.list();
    while (names.size() > newest) names.erase(names.begin());
    for (const auto& set : names)
        for (const auto& problem :
             store::verify(staging, set, restore::verify_members, {}).problems)
            all.push_back(set + ": " + problem);
    return all;
}

std::vector<std::string> NightHost::leftovers() const {
    const store::Staging staging(directory / "staging");
    std::vector<std::string> left;
    std::set<std::string> used;
    for (const auto& set : staging.list())
        for (const auto& file : store::shared_files(staging.manifest(set))) used.insert(file.name);
    for (const auto& entry : fs::directory_iterator(staging.partial()))
        left.push_back(entry.path().filename());
    for (const auto& entry : fs::directory_iterator(staging.media()))
        if (!used.contains(entry.path().filename())) left.push_back(entry.path().filename());
    return left;
}

}  // namespace mastobak::test
