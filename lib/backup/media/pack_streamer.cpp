// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/pack_streamer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace mastobak::backup {
namespace {

using namespace std::chrono_literals;

bool is_at(const store::PackRecord& pack, const std::string& remote) {
    return std::find(pack.remotes.begin(), pack.remotes.end(), remote) != pack.remotes.end();
}

}  // namespace

PackStreamer::PackStreamer(store::Staging staging,
                           std::vector<std::unique_ptr<offsite::Remote>> remotes,
                           offsite::Backoff backoff, std::chrono::seconds patience)
    : staging_(std::move(staging)), backoff_(backoff), patience_(patience) {
    for (auto& remote : remotes) targets_.push_back({std::move(remote), {}});
}

PackStreamer::~PackStreamer() {
    end();
}

void PackStreamer::add(store::PackRecord record) {
    const std::lock_guard lock(mutex_);
    auto name = record.name;
    packs_.insert_or_assign(std::move(name), std::move(record));
    changed_.notify_all();
}

void PackStreamer::begin() {
    if (!threads_.empty()) return;
    for (auto& target : targets_)
        threads_.emplace_back([this, &target](std::stop_token stop) { work(target, stop); });
}

void PackStreamer::end() {
    for (auto& thread : threads_) thread.request_stop();
    threads_.clear();
}

void PackStreamer::work(Target& target, const std::stop_token& stop) {
    int failures = 0;
    while (const auto pack = next_for(target.remote->name(), stop)) {
        std::exception_ptr failure;
        try {
            send(*target.remote, *pack, stop);
            arrived(target.remote->name(), pack->name);
        } catch (...) {
            failure = std::current_exception();
        }
        if (stop.stop_requested()) return;
        failures = failure ? failures + 1 : 0;
        failed(target, *pack, failure);
        if (!failure) continue;
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, backoff_.after(failures), [] { return false; });
    }
}

std::optional<store::PackRecord> PackStreamer::next_for(const std::string& remote,
                                                        const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    std::optional<store::PackRecord> next;
    changed_.wait(lock, stop, [&] {
        for (const auto& [name, pack] : packs_)
            if (!next && !is_at(pack, remote)) next = pack;
        return next.has_value();
    });
    if (stop.stop_requested()) return std::nullopt;
    return next;
}

void PackStreamer::send(offsite::Remote& remote, const store::PackRecord& pack,
                        const std::stop_token& stop) {
    const auto file = staging_.unfinished() / pack.name;
    // Damage on the local disk must not be copied off-site.
    if (sha256_of_file(file, stop) != pack.sha256)
        throw Error(Errc::corrupt,
                    fmt::format("'{}' reads differently from what was written", file.native()),
                    "look for errors of the disk in the kernel's log ('journalctl -k'); the next "
                    "run makes it again");
    Bytes last;
    const offsite::UploadProgress progress = [&](Bytes sent) {
        const std::lock_guard lock(mutex_);
        if (sent > last) progress_at_ = std::chrono::steady_clock::now();
        last = sent;
    };
    remote.put({fmt::format("media/{}", pack.name), file, pack.size, pack.sha256}, progress, stop);
}

void PackStreamer::arrived(const std::string& remote, const std::string& name) {
    const std::lock_guard lock(mutex_);
    progress_at_ = std::chrono::steady_clock::now();
    const auto known = packs_.find(name);
    if (known == packs_.end()) return;  // another thread found it damaged
    auto pack = known->second;
    pack.remotes.push_back(remote);
    const bool away = std::all_of(targets_.begin(), targets_.end(), [&](const Target& target) {
        return is_at(pack, target.remote->name());
    });
    if (away) pack.place = store::moved(name, pack.place, store::PackEvent::evicted);
    store::note_remotes(staging_, pack);
    known->second = std::move(pack);
    if (!away) return;
    packs_.erase(known);
    ++removed_;
    changed_.notify_all();
}

void PackStreamer::failed(Target& target, const store::PackRecord& pack,
                          std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    target.problem = failure ? hinted(as_error(failure)).what() : std::string();
    if (!failure || as_error(failure).code() != Errc::corrupt) return;
    spoiled_ = failure;
    packs_.erase(pack.name);
    changed_.notify_all();
    try {
        store::drop_unfinished(staging_, pack.name, pack.place);
    } catch (const Error&) {
        // The upload after the publication detects the damage again.
    }
}

std::uint64_t PackStreamer::removed() const {
    const std::lock_guard lock(mutex_);
    return removed_;
}

bool PackStreamer::wait(std::uint64_t seen, const std::function<void(std::string_view)>& say,
                        std::stop_token stop) {
    std::unique_lock lock(mutex_);
    progress_at_ = std::chrono::steady_clock::now();
    for (;;) {
        changed_.wait_for(lock, stop, 1s,
                          [&] { return removed_ > seen || packs_.empty() || spoiled_; });
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (spoiled_) std::rethrow_exception(spoiled_);
        if (removed_ > seen) return true;
        if (packs_.empty()) return false;
        if (std::chrono::steady_clock::now() - progress_at_ > patience_)
            throw Error(Errc::offsite,
                        fmt::format("'{}' is full, and no remote has taken a pack for {}: {}",
                                    staging_.root().native(), to_text(patience_), waiting_for()),
                        "the next run continues from the packs that this one has made; check the "
                        "remote, or make room");
        say(waiting_for());
    }
}

std::string PackStreamer::waiting_for() const {
    std::vector<std::string> remotes;
    for (const auto& target : targets_) {
        const auto left = std::count_if(packs_.begin(), packs_.end(), [&](const auto& pack) {
            return !is_at(pack.second, target.remote->name());
        });
        if (left == 0) continue;
        remotes.push_back(fmt::format("{} still to be uploaded to '{}'{}{}",
                                      counted(left, "pack is", "packs are"), target.remote->name(),
                                      target.problem.empty() ? "" : ": ", target.problem));
    }
    return fmt::format("waiting for room in staging, {}", fmt::join(remotes, "; "));
}

std::vector<std::string> PackStreamer::warnings() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> warnings;
    for (const auto& target : targets_)
        if (!target.problem.empty())
            warnings.push_back(fmt::format("packs could not be sent ahead to '{}': {}",
                                           target.remote->name(), target.problem));
    return warnings;
}

}  // namespace mastobak::backup
