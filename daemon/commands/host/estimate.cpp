// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/estimate.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/unique_fd.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/backups/with_systemd.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/privileges.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/retention/usage.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {
namespace {

/// 100 Mbit/s, for remotes without a limit.
constexpr Bytes assumed_bandwidth{12'500'000};
constexpr std::size_t newest_sets = 7;

/// What the nights of this host took: the mean of the newest sets.
struct PastNights {
    std::size_t count = 0;
    backup::NightEstimate mean{};
    std::chrono::nanoseconds downtime{0};
};

/// Measures how fast staging's disk writes, by a file without a name.
/// \return bytes per second; 0 when the file system does not have such files, or has no room
Bytes written_per_second(const std::filesystem::path& staging) {
    const UniqueFd file(::open(staging.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (!file) return {};
    // zstd's and the file systems' own compression must not shorten the measurement.
    std::vector<std::byte> block(std::size_t{1} << 20);
    std::uint64_t random = 1;
    for (auto& byte : block) {
        random = random * 0x5851f42d4c957f2d + 0x14057b7ef767814f;
        byte = static_cast<std::byte>(random >> 56);
    }
    constexpr std::uint64_t count = 64;
    const auto begun = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < count; ++i)
        if (::write(file.get(), block.data(), block.size()) != static_cast<ssize_t>(block.size()))
            return {};
    if (::fdatasync(file.get()) != 0) return {};
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    return {static_cast<std::uint64_t>(static_cast<double>(count * block.size()) /
                                       std::max(took.count(), 0.001))};
}

/// Returns the duration of a night, which a manifest may state as centuries: their sum would
/// overflow.
std::chrono::nanoseconds plausible(std::chrono::nanoseconds duration) {
    return std::clamp<std::chrono::nanoseconds>(duration, std::chrono::seconds(0),
                                                std::chrono::days(30));
}

/// Adds a night to the sums.
void add(PastNights& past, const store::Manifest& manifest) {
    Bytes media;
    for (const auto& pack : manifest.media.packs)
        if (store::set_that_made(pack.name) == manifest.set) media += pack.size;
    ++past.count;
    past.mean.media += media;
    past.mean.database.count += store::own_bytes(manifest).count - media.count;
    past.mean.took += plausible(manifest.finished_at - manifest.started_at);
    past.downtime += plausible(manifest.downtime);
}

PastNights past_nights(const config::Config& config) {
    PastNights past;
    const store::Staging staging(config.staging.path);
    auto sets = staging.list();
    if (sets.size() > newest_sets) sets.erase(sets.begin(), sets.end() - newest_sets);
    std::vector<store::Manifest> manifests;
    for (const auto& set : sets) {
        try {
            manifests.push_back(staging.manifest(set));
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;  // a damaged set says nothing
        }
    }
    // A night that stores its dump whole, as the first one does, is not a usual one.
    if (std::ranges::any_of(manifests, &store::has_difference))
        std::erase_if(manifests, [](const auto& m) { return !store::has_difference(m); });
    for (const auto& manifest : manifests) add(past, manifest);
    if (past.count == 0) return past;
    const auto count = static_cast<std::int64_t>(past.count);
    past.mean.database.count /= past.count;
    past.mean.media.count /= past.count;
    past.mean.took /= count;
    past.downtime /= count;
    return past;
}

std::chrono::nanoseconds upload_time(Bytes size, Bytes bandwidth) {
    const auto rate = static_cast<double>(std::max<std::uint64_t>(bandwidth.count, 1));
    const std::chrono::duration<double> time(std::min(static_cast<double>(size.count) / rate, 1e9));
    return std::chrono::ceil<std::chrono::seconds>(time);
}

/// Everything that the command prints.
struct Answer {
    backup::InstanceSize size{};
    PastNights past{};
    backup::Estimate estimate{};
    Bytes free{};

    bool had_nights() const { return past.count > 0; }
};

Answer look(const config::Config& config) {
    const auto plan = plan_of_host(config);
    Answer answer;
    answer.size.database = plan.facts.size;
    answer.size.media = plan.media_size;
    if (plan.media) {
        answer.size.files = plan.media->files;
        answer.size.media_a_day = {plan.media->recent.count / 7};
    }
    answer.past = past_nights(config);
    answer.estimate = backup::estimate(answer.size, written_per_second(config.staging.path));
    if (answer.had_nights()) answer.estimate.usual = answer.past.mean;
    answer.free = free_space(config.staging.path);
    return answer;
}

void print_night(const char* name, const backup::NightEstimate& night) {
    say("{:<14} about {}: database {}, media {}\n", name, to_text(night.took),
        to_string(night.database), to_string(night.media));
}

void print(const config::Config& config, const Answer& answer) {
    const auto& estimate = answer.estimate;
    say("{:<14} database {}, media {}{}\n", "instance", to_string(answer.size.database),
        to_string(answer.size.media),
        answer.size.files > 0
            ? fmt::format(" in {}, {} new a day", counted(answer.size.files, "file"),
                          to_string(answer.size.media_a_day))
            : std::string());
    if (!answer.had_nights()) print_night("first night", estimate.first);
    print_night("usual night", estimate.usual);
    if (answer.had_nights())
        say("{:<14} {}, the mean of {}\n", "downtime", to_text(answer.past.downtime),
            counted(answer.past.count, "set"));
    else
        say("{:<14} some seconds: Mastodon's units are stopped, a snapshot is taken, and they are "
            "started\n",
            "downtime");
    say("{:<14} {} free in '{}'", "room", to_string(answer.free), config.staging.path.native());
    if (!answer.had_nights())
        say("; the first night needs {}, the sets of a month {}", to_string(estimate.first.total()),
            to_string(estimate.month));
    say("\n");
    for (const auto& remote : config.offsite) {
        const auto bandwidth = remote.bandwidth.value_or(assumed_bandwidth);
        say("{:<14} '{}': ", "upload", remote.name);
        if (!answer.had_nights())
            say("{} in {} for the first night, then ", to_string(estimate.first.total()),
                to_text(upload_time(estimate.first.total(), bandwidth)));
        say("{} in {} a night, at {}/s{}\n", to_string(estimate.usual.total()),
            to_text(upload_time(estimate.usual.total(), bandwidth)), to_string(bandwidth),
            remote.bandwidth ? "" : " (100 Mbit/s; 'bandwidth' is not set)");
    }
}

double in_seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

Json json_of(const backup::NightEstimate& night) {
    return {{"seconds", in_seconds(night.took)},
            {"database_bytes", night.database.count},
            {"media_bytes", night.media.count}};
}

Json json_of(const config::Config& config, const Answer& answer) {
    const auto& estimate = answer.estimate;
    auto uploads = Json::array();
    for (const auto& remote : config.offsite) {
        const auto bandwidth = remote.bandwidth.value_or(assumed_bandwidth);
        uploads.push_back(
            {{"remote", remote.name},
             {"bytes_per_second", bandwidth.count},
             {"assumed", !remote.bandwidth.has_value()},
             {"first_seconds", answer.had_nights() ? Json()
                                                   : Json(in_seconds(upload_time(
                                                         estimate.first.total(), bandwidth)))},
             {"usual_seconds", in_seconds(upload_time(estimate.usual.total(), bandwidth))}});
    }
    return {
        {"database_bytes", answer.size.database.count},
        {"media_bytes", answer.size.media.count},
        {"past_nights", answer.past.count},
        {"first", answer.had_nights() ? Json() : json_of(estimate.first)},
        {"usual", json_of(estimate.usual)},
        {"downtime_seconds", answer.had_nights() ? Json(in_seconds(answer.past.downtime)) : Json()},
        {"staging_free_bytes", answer.free.count},
        {"month_bytes", answer.had_nights() ? Json() : Json(estimate.month.count)},
        {"uploads", uploads}};
}

/// Prints what a night takes on this host.
int command_estimate(const Options& options) {
    const auto config = load_config(options);
    become_owner_of(config.state_directory);
    const auto answer = look(config);
    if (options.json)
        say_json(json_of(config, answer));
    else
        print(config, answer);
    return 0;
}

const Subcommand estimate_command(175, "estimate",
                                  "estimate the time, the room and the upload of a night",
                                  command_estimate, {.json = true, .example = "mastobak estimate"});

}  // namespace
}  // namespace mastobak::daemon
