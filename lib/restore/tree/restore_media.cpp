// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/tree/restore_media.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "core/channel.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "media/index/index_reader.hpp"
#include "restore/tree/member_restorer.hpp"
#include "restore/tree/pack_lists.hpp"
#include "restore/tree/target_tree.hpp"
#include "restore/tree/tree_finisher.hpp"

namespace mastobak::restore {

namespace {

using Clock = std::chrono::steady_clock;

/// Members whose gap is at most this large are read with one request.
constexpr std::uint64_t largest_gap = 64 * 1024;
constexpr std::uint64_t most_problems = 100;

/// Members of one pack that are near each other.
struct Batch {
    std::string pack;
    std::uint64_t offset = 0;
    std::uint64_t end = 0;
    std::vector<media::Entry> entries;

    bool takes(const media::Entry& entry, std::uint64_t most) const {
        return entries.empty() ||
               (entry.offset <= end + largest_gap && entry.offset + entry.stored <= offset + most);
    }
    void add(media::Entry entry) {
        if (entries.empty()) {
            pack = entry.pack;
            offset = entry.offset;
        }
        end = std::max(end, entry.offset + entry.stored);
        entries.push_back(std::move(entry));
    }
};

/// Collects the report from several threads.
class Account {
 public:
    Account(const PackDemand& total, const OnMediaProgress& progress) : on_progress_(progress) {
        progress_.of_files = total.files;
        progress_.of_bytes = total.bytes;
    }

    void done(const media::Entry& entry, bool written, std::chrono::nanoseconds took) {
        const std::lock_guard lock(mutex_);
        if (written) {
            report_.times.add(Bytes{entry.size}, took);
            ++report_.files;
            report_.bytes.count += entry.size;
        } else {
            ++report_.identical;
        }
        advance(entry);
    }
    void failed(const media::Entry& entry, std::string_view why) {
        const std::lock_guard lock(mutex_);
        tell(fmt::format("'{}': {}", readable(entry.path), readable(why)));
        if (entry.type == media::EntryType::file) advance(entry);
    }
    void missing(const std::string& pack, const std::vector<media::Entry>& entries,
                 std::string_view why) {
        const std::lock_guard lock(mutex_);
        if (missing_.insert(pack).second) report_.problems.push_back(readable(why));
        report_.problem_count += entries.size();
        for (const auto& entry : entries) advance(entry);
    }
    MediaReport& report() { return report_; }
    LostAttributes& lost() { return lost_; }

 private:
    void tell(std::string problem) {
        if (++report_.problem_count <= most_problems)
            report_.problems.push_back(std::move(problem));
    }
    void advance(const media::Entry& entry) {
        ++progress_.files;
        progress_.bytes.count += entry.size;
        if (on_progress_) on_progress_(progress_);
    }

    std::mutex mutex_;
    const OnMediaProgress& on_progress_;
    MediaProgress progress_;
    MediaReport report_;
    LostAttributes lost_;
    std::set<std::string> missing_;
};

/// Restores batches in threads, until a thread fails with an error that concerns all files.
class Workers {
 public:
    Workers(const MediaOptions& options, const TargetTree& target, PackSource& packs,
            Account& account, std::stop_token stop)
        : packs_(packs), account_(account), stop_(std::move(stop)), batches_(2 * options.threads) {
        for (unsigned i = 0; i < std::max(1U, options.threads); ++i)
            threads_.emplace_back([this, &options, &target] {
                MemberRestorer restorer(target, options.owner, account_.lost(), stop_);
                work(restorer);
            });
    }
    ~Workers() { batches_.close(); }

    /// \return false when a worker has failed; finish() then throws its error
    bool add(Batch batch) { return batches_.push(std::move(batch)); }

    void finish() {
        batches_.close();
        threads_.clear();
        if (failure_) std::rethrow_exception(failure_);
    }

 private:
    void work(MemberRestorer& restorer) {
        try {
            while (auto batch = batches_.pop()) {
                if (failed_) return;
                restore(*batch, restorer);
            }
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!failed_.exchange(true)) failure_ = std::current_exception();
            batches_.close();
        }
    }

    void restore(const Batch& batch, MemberRestorer& restorer) {
        std::unique_ptr<PackPart> part;
        try {
            part = packs_.open(batch.pack, batch.offset, batch.end - batch.offset);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            return account_.missing(batch.pack, batch.entries, error.text());
        }
        for (const auto& entry : batch.entries) {
            const auto began = Clock::now();
            const auto fetching = part->fetching();
            try {
                const bool written = restorer.restore(entry, *part);
                account_.done(entry, written, Clock::now() - began - (part->fetching() - fetching));
            } catch (const Error& error) {
                if (error.code() != Errc::corrupt && error.code() != Errc::media) throw;
                account_.failed(entry, error.text());
            }
        }
    }

    PackSource& packs_;
    Account& account_;
    std::stop_token stop_;
    Channel<Batch> batches_;
    std::mutex mutex_;
    std::atomic<bool> failed_ = false;
    std::exception_ptr failure_;
    std::vector<std::jthread> threads_;  // last, because the threads use all members above
};

void restore_files(const MediaOptions& options, const PackLists& lists, const TargetTree& target,
                   PackSource& packs, Account& account, const std::stop_token& stop) {
    Workers workers(options, target, packs, account, stop);
    bool going = true;
    for (const auto& [pack, demand] : lists.packs()) {
        Batch batch;
        for (auto& entry : lists.entries(pack)) {
            if (!going) break;
            if (!batch.takes(entry, packs.largest_request()))
                going = workers.add(std::exchange(batch, {}));
            batch.add(std::move(entry));
        }
        if (going) going = workers.add(std::move(batch));
    }
    workers.finish();
}

void restore_rest(const MediaOptions& options, const TargetTree& target, Account& account,
                  const std::stop_token& stop) {
    TreeFinisher finisher(
        target, options.selection, options.owner, account.lost(),
        [&](const auto& entry, auto why) { account.failed(entry, why); }, stop);
    media::IndexReader reader(options.index);
    while (const auto* entry = reader.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        finisher.add(*entry);
    }
    finisher.finish();
    account.report().directories = finisher.directories();
    account.report().links = finisher.links();
}

}  // namespace

MediaReport restore_media(const MediaOptions& options, PackSource& packs,
                          const OnMediaProgress& progress, std::stop_token stop) {
    const PackLists lists(options.index, options.selection, options.scratch, stop);
    if (!lists.unknown().empty())
        throw Error(Errc::usage,
                    fmt::format("'{}' is not in the set", readable(lists.unknown().front())),
                    "'mastobak browse' lists the files of a set");
    using NewRoot = TargetTree::NewRoot;
    const TargetTree target(options.target, options.root_owner ? NewRoot::of_owner : NewRoot::ours);
    Account account(lists.total(), progress);
    restore_files(options, lists, target, packs, account, stop);
    restore_rest(options, target, account, stop);
    const auto began = Clock::now();
    target.finish(options.root_owner, account.lost());
    account.report().sync = Clock::now() - began;
    account.report().warnings = account.lost().warnings();
    return std::move(account.report());
}

}  // namespace mastobak::restore
