// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/retention/prune.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/marks.hpp"
#include "store/pack_record.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view removed_suffix = "-removed";

/// Returns the size of the files in a directory.
Bytes size_of(const fs::path& directory) {
    Bytes sum;
    std::error_code ignored;
    for (fs::directory_iterator it(directory, ignored), end; it != end; it.increment(ignored))
        if (const auto size = it->file_size(ignored); !ignored) sum += Bytes{size};
    return sum;
}

class Prune {
 public:
    Prune(const Staging& staging, bool dry_run, std::stop_token stop)
        : staging_(staging), dry_run_(dry_run), stop_(std::move(stop)) {}

    Pruned run(const std::vector<std::string>& going) {
        if (!dry_run_) remove_leftovers();
        take_out(going);
        for (const auto& directory : taken_out_) remove_path(directory);
        remove_packs();
        return std::move(result_);
    }

 private:
    /// Removes what an interrupted prune left.
    void remove_leftovers() const {
        for (const auto& path : entries_of(staging_.partial()))
            if (path.native().ends_with(removed_suffix)) remove_path(path);
    }

    void check_stop() const {
        if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
    }

    /// Moves the sets out of sets/. While the lock is held, no set can be pinned.
    void take_out(const std::vector<std::string>& going) {
        const auto lock = dry_run_ ? UniqueFd() : lock_marks(staging_);
        const auto pinned = pinned_sets(staging_);
        for (const auto& set : going) {
            check_stop();
            if (pinned.contains(set)) continue;
            result_.freed += size_of(staging_.set(set));
            result_.sets.push_back(set);
            if (dry_run_) continue;
            taken_out_.push_back(staging_.partial() / fmt::format("{}{}", set, removed_suffix));
            mastobak::publish(staging_.set(set), taken_out_.back());
        }
    }

    void remove_packs() {
        std::vector<std::string> packs;
        try {
            packs = unneeded_packs(staging_, {result_.sets.begin(), result_.sets.end()});
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            result_.warnings.push_back(fmt::format(
                "no pack is removed from '{}', because a set does not say which packs it needs: {}",
                staging_.media().native(), error.what()));
        }
        for (const auto& pack : packs) {
            check_stop();
            const auto file = staging_.shared(pack);
            std::error_code error;
            const auto size = fs::file_size(file, error);
            if (!error) result_.freed += Bytes{size};
            if (!dry_run_) remove_pack(staging_, pack);
            result_.packs.push_back(pack);
        }
        if (!dry_run_ && !packs.empty()) sync_shared(staging_);
    }

    const Staging& staging_;
    const bool dry_run_;
    const std::stop_token stop_;
    std::vector<fs::path> taken_out_;
    Pruned result_;
};

}  // namespace

Pruned prune(const Staging& staging, const std::vector<std::string>& going, bool dry_run,
             std::stop_token stop) {
    return Prune(staging, dry_run, std::move(stop)).run(going);
}

std::vector<std::string> unneeded_packs(const Staging& staging,
                                        const std::set<std::string>& going) {
    std::set<std::string, std::less<>> sets;
    std::set<std::string> needed;
    for (auto& set : staging.list()) {
        if (going.contains(set)) continue;
        for (const auto& file : shared_files(staging.manifest(set))) needed.insert(file.name);
        sets.insert(std::move(set));
    }
    std::set<std::string> packs;
    const auto look = [&](std::string name) {
        if (is_shared_name(name) && !needed.contains(name) && !sets.contains(set_that_made(name)))
            packs.insert(std::move(name));
    };
    for (const auto& directory : {staging.media(), staging.database()})
        for (const auto& path : entries_of(directory)) look(path.filename());
    for (const auto& record : read_records(staging.away())) look(record.name);
    return {packs.begin(), packs.end()};
}

void sync_shared(const Staging& staging) {
    for (const auto& directory : {staging.media(), staging.database()})
        if (std::error_code ignored; fs::exists(directory, ignored)) sync_directory(directory);
}

void remove_pack(const Staging& staging, const std::string& pack) {
    for (const auto place : {PackPlace::here, PackPlace::off_site})
        remove_path(file_at(staging, place, pack));
}

}  // namespace mastobak::store
