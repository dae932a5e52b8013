// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/media_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/index_writer.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

using Take = std::function<void(const media::Entry&, std::string_view line)>;

void each_file(const fs::path& index, const std::stop_token& stop, const Take& take) {
    media::IndexReader reader(index);
    while (const auto* entry = reader.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (entry->type == media::EntryType::file) take(*entry, reader.line());
    }
}

/// The time since which there are that many files: there may be more of exactly that time.
Timestamp age_of_newest(const fs::path& index, std::uint64_t count, const std::stop_token& stop) {
    if (count == 0) return Timestamp::max();
    std::priority_queue<Timestamp, std::vector<Timestamp>, std::greater<>> newest;
    each_file(index, stop, [&](const auto& entry, auto) {
        if (newest.size() == count) {
            if (entry.mtime <= newest.top()) return;
            newest.pop();
        }
        newest.push(entry.mtime);
    });
    return newest.top();
}

class Pieces {
 public:
    Pieces(fs::path directory, MediaSample& sample)
        : directory_(std::move(directory)), sample_(sample) {}

    void add(const media::Entry& entry, std::string_view line) {
        if (bytes_.count > 0 && bytes_.count + entry.size > largest_piece.count) finish();
        if (!writer_) {
            sample_.pieces.push_back(directory_ /
                                     fmt::format("sample-{}.zst", sample_.pieces.size()));
            writer_.emplace(sample_.pieces.back());
        }
        writer_->add(entry, line);
        bytes_.count += entry.size;
        ++sample_.files;
        sample_.bytes.count += entry.size;
    }
    void finish() {
        if (writer_) writer_->finish();
        writer_.reset();
        bytes_ = {};
    }

 private:
    fs::path directory_;
    MediaSample& sample_;
    std::optional<media::IndexWriter> writer_;
    Bytes bytes_;
};

}  // namespace

MediaSample choose_sample(const fs::path& index, double share, std::uint64_t minimum,
                          const fs::path& directory, std::stop_token stop) {
    MediaSample sample;
    each_file(index, stop, [&](const auto& entry, auto) {
        ++sample.of_files;
        sample.of_bytes.count += entry.size;
    });
    const auto wanted = std::min(
        sample.of_files, std::max(minimum, static_cast<std::uint64_t>(std::ceil(
                                               share * static_cast<double>(sample.of_files)))));
    const bool all = wanted == sample.of_files;
    auto newest_left = all ? 0 : wanted / 2;
    const auto since = age_of_newest(index, newest_left, stop);

    // Each choice of that many among the rest is as likely as any other.
    // Source: Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S
    auto random_left = wanted - newest_left;
    auto rest = sample.of_files - newest_left;
    std::mt19937_64 random(std::random_device{}());
    std::set<std::string> packs;
    Pieces pieces(directory, sample);
    each_file(index, stop, [&](const auto& entry, auto line) {
        const bool first_of_pack = packs.insert(entry.pack).second;
        bool chosen = false;
        if (newest_left > 0 && entry.mtime >= since) {
            --newest_left;
            chosen = true;
        } else if (rest > 0) {
            chosen = std::uniform_int_distribution<std::uint64_t>(1, rest)(random) <= random_left;
            --rest;
            if (chosen) --random_left;
        }
        if (chosen || first_of_pack) pieces.add(entry, line);
    });
    pieces.finish();
    return sample;
}

}  // namespace mastobak::restore
