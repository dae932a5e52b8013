// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "async/run_blocking.hpp"
#include "core/error.hpp"
#include "offsite/object_name.hpp"
#include "offsite/objects_of_set.hpp"
#include "offsite/remote_uploader.hpp"

namespace mastobak::offsite {

namespace {

/// Returns the size of the objects of these sets that a remote does not have. Ignores a set that
/// cannot be read: its own upload reports the reason.
/// \param known the packs that the remote has
Bytes lacking(const std::filesystem::path& staging, const std::vector<std::string>& sets,
              const std::map<std::string, Digest>& known, const std::stop_token& stop) {
    std::map<std::string, Bytes> lacks;
    for (const auto& set : sets) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        try {
            for (const auto& object : objects_of_set(staging, set)) {
                const auto there = known.find(object.name);
                if (there == known.end() || there->second != object.sha256)
                    lacks[object.name] = object.size;
            }
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
        }
    }
    Bytes sum;
    for (const auto& [name, size] : lacks) sum += size;
    return sum;
}

}  // namespace

async::Task<> RemoteUploader::measure(std::string set) {
    std::vector<std::string> sets{set};
    for (const auto& job : jobs_)
        if (job.set != set) sets.push_back(job.set);
    auto work = [staging = services_.staging, sets,
                 known = services_.history.of(remote()).packs](std::stop_token stop) {
        return std::pair(lacking(staging, sets, known, stop),
                         lacking(staging, {sets.front()}, known, stop));
    };
    const auto [all, first] = co_await async::run_blocking(services_.pool, std::move(work));
    lacking_ = all;
    behind_ = {all.count - std::min(all, first).count};
}

async::Task<> RemoteUploader::upload(std::string set, Totals& totals) {
    co_await measure(set);
    auto read = [staging = services_.staging, set](std::stop_token) {
        return objects_of_set(staging, set);
    };
    auto look = [remote = remote_](std::stop_token stop) { return list_shared(*remote, stop); };
    const auto objects = co_await async::run_blocking(services_.pool, std::move(read));
    const auto packs = co_await async::run_blocking(services_.pool, std::move(look));
    totals.objects = objects.size();
    std::vector<Object> missing;
    for (const auto& object : objects)
        if (!is_known(object, packs) && !take_away(object, packs)) missing.push_back(object);
    totals.known = objects.size() - missing.size();
    for (const auto& object : missing) total_ += object.size;
    // The objects are uploaded one after the other, in order: the manifest becomes visible after
    // all objects that it names.
    for (const auto& object : missing) co_await put(object, totals);
    forget_others(objects, packs);
    co_await look_at_room();
}

// The set is complete, even if the remote does not answer this question.
async::Task<> RemoteUploader::look_at_room() {
    auto work = [remote = remote_](std::stop_token stop) -> std::optional<Bytes> {
        try {
            return remote->free_bytes(std::move(stop));
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
            return std::nullopt;
        }
    };
    const auto free = co_await async::run_blocking(services_.pool, std::move(work));
    services_.history.of(remote()).free = free;
}

async::Task<> RemoteUploader::put(Object object, Totals& totals) {
    uploading_ = object.name;
    size_ = object.size;
    sent_->store(0);
    auto work = [remote = remote_, object, sent = sent_](std::stop_token stop) {
        // Damage on the local disk must not be copied off-site.
        if (sha256_of_file(object.file, stop) != object.sha256)
            throw Error(
                Errc::corrupt,
                fmt::format("'{}' has changed since it was published", object.file.native()),
                "`mastobak verify` shows what is damaged; check the disk");
        const UploadProgress progress = [&sent](Bytes bytes) { sent->store(bytes.count); };
        remote->put(object, progress, std::move(stop));
    };
    async::BlockingWork blocking = std::move(work);
    co_await async::run_blocking(services_.pool, std::move(blocking));
    totals.sent += std::min(Bytes{sent_->load()}, object.size);
    done_ += object.size;
    sent_->store(0);
    if (is_shared(object.name)) services_.history.of(remote()).packs[object.name] = object.sha256;
}

bool RemoteUploader::is_known(const Object& object, const Listing& packs) {
    const auto& known = services_.history.of(remote()).packs;
    const auto compared = known.find(object.name);
    if (compared == known.end() || compared->second != object.sha256) return false;
    const auto listed = packs.find(std::filesystem::path(object.name).filename().native());
    return listed != packs.end() && listed->second == object.size;
}

bool RemoteUploader::take_away(const Object& object, const Listing& packs) {
    std::error_code ignored;
    if (!object.name.starts_with("media/") || std::filesystem::exists(object.file, ignored))
        return false;
    const auto listed = packs.find(std::filesystem::path(object.name).filename().native());
    if (listed == packs.end() || listed->second != object.size)
        throw Error(Errc::offsite,
                    fmt::format("the pack '{}' was removed from staging when the remotes of that "
                                "time had it, but '{}' does not have it",
                                object.name, remote()),
                    "copy what it lacks below 'media/' from the other remote, for example with "
                    "'rclone copy'; if none has that pack, remove its file in 'away/' of staging: "
                    "the next run packs its files again");
    services_.history.of(remote()).packs[object.name] = object.sha256;
    return true;
}

void RemoteUploader::forget_others(const std::vector<Object>& objects, const Listing& packs) {
    std::erase_if(services_.history.of(remote()).packs, [&](const auto& known) {
        const auto is_it = [&](const Object& object) { return object.name == known.first; };
        return !packs.contains(std::filesystem::path(known.first).filename().native()) &&
               std::none_of(objects.begin(), objects.end(), is_it);
    });
}

// Readers of the history assume that the remote has each pack in it, so removed packs are erased.
async::Task<> RemoteUploader::forget_removed() {
    auto look = [remote = remote_](std::stop_token stop) { return list_shared(*remote, stop); };
    const auto packs = co_await async::run_blocking(services_.pool, std::move(look));
    forget_others({}, packs);
    services_.history.save();
}

}  // namespace mastobak::offsite
