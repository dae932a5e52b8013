// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/fields.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "offsite/worker.hpp"

namespace mastobak {

template <>
struct Fields<offsite::Job> {
    static void list(auto& io, auto& job) {
        io("queued_at", Exact{job.queued_at}, Presence::required);
        io("attempts", job.attempts, Presence::required);
        io("last_error", job.last_error);
        io("failed_at", Exact{job.failed_at}, Presence::if_set);
        io("next_attempt", Exact{job.next_attempt}, Presence::if_set);
    }
};

}  // namespace mastobak

namespace mastobak::offsite {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view ending = ".json";
constexpr Bytes largest_file{64 << 10};

fs::path file_of(const fs::path& directory, const Job& job) {
    return directory / fmt::format("{}@{}{}", job.set, job.remote, ending);
}

std::string to_text(const Job& job) {
    return FieldWriter::json_of(job).dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

/// Returns the job of a file from the file name alone.
std::optional<Job> job_named(const fs::path& file) {
    const auto name = file.filename().native();
    const auto at = name.find('@');
    if (at == std::string::npos || !name.ends_with(ending)) return std::nullopt;
    Job job;
    job.set = name.substr(0, at);
    job.remote = name.substr(at + 1, name.size() - ending.size() - at - 1);
    const auto time = parse_set_name(job.set);
    if (!time || job.remote.empty()) return std::nullopt;
    job.queued_at = *time;
    return job;
}

/// Reads the file of a job into `job`.
/// \return the problem of the file, or empty; with a problem, `job` is unchanged
std::string read(const fs::path& file, Job& job) {
    try {
        auto full = job;
        FieldReader::read(Json::parse(read_beneath(file.parent_path(), file.filename(),
                                                   Errc::staging, largest_file)),
                          full);
        full.attempts = std::max(full.attempts, 0);
        job = std::move(full);
        return {};
    } catch (const Json::exception& e) {
        return e.what();
    } catch (const Error& e) {
        return e.text();
    }
}

/// Calls `each` for every file, except incomplete files that a power cut left.
template <typename Each>
void each_file(const fs::path& directory, Each each) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error))
        if (at->path().extension() != ".tmp") files.push_back(at->path());
    if (error && error != std::errc::no_such_file_or_directory)
        throw errno_error(Errc::staging, fmt::format("list '{}'", directory.native()),
                          error.value());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) each(file);
}

}  // namespace

Queue::Queue(fs::path directory) : directory_(std::move(directory)) {}

void Queue::add(const Job& job) {
    const auto file = file_of(directory_, job);
    if (file.parent_path() != directory_ || !job_named(file))
        throw Error(Errc::internal,
                    fmt::format("'{}' for '{}' is not a job of the queue", job.set, job.remote));
    make_directories(directory_);
    write_file(file, to_text(job));
}

void Queue::remove(const Job& job) {
    std::error_code error;
    const bool removed = fs::remove(file_of(directory_, job), error);
    if (error)
        throw errno_error(Errc::staging,
                          fmt::format("remove '{}'", file_of(directory_, job).native()),
                          error.value());
    if (removed) sync_directory(directory_);
}

std::vector<Job> Queue::list() const {
    std::vector<Job> jobs;
    each_file(directory_, [&](const fs::path& file) {
        auto job = job_named(file);
        if (!job) return;
        read(file, *job);
        jobs.push_back(std::move(*job));
    });
    return jobs;
}

std::vector<std::string> Queue::problems() const {
    std::vector<std::string> problems;
    each_file(directory_, [&](const fs::path& file) {
        auto job = job_named(file);
        const auto problem = job ? read(file, *job) : "its name is not SET@REMOTE.json";
        if (!problem.empty())
            problems.push_back(fmt::format("'{}' in the queue of uploads cannot be read: {}{}",
                                           file.native(), problem,
                                           job ? "; its set is uploaded all the same" : ""));
    });
    return problems;
}

std::chrono::seconds Backoff::after(int attempts) const {
    const auto wait =
        static_cast<double>(first.count()) * std::pow(factor, std::max(attempts, 1) - 1);
    // Compared as floating point, because after many attempts the value exceeds any integer type.
    if (!(wait < static_cast<double>(longest.count()))) return longest;
    return std::chrono::seconds(std::llround(wait));
}

}  // namespace mastobak::offsite
