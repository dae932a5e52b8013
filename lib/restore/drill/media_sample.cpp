// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/media_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/index_writer.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

using Take = std::function<void(const media::Entry&, std::string_view line)>;

void each_entry(const media::IndexFiles& index, const std::stop_token& stop, const Take& take) {
    media::IndexReader reader(index);
    while (const auto* entry = reader.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        take(*entry, reader.line());
    }
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

std::uint64_t wanted_of(std::uint64_t files, const SampleSize& size) {
    const auto share = std::ceil(size.share * static_cast<double>(files));
    return std::min(files, std::max(size.minimum, static_cast<std::uint64_t>(share)));
}

void note_last(std::map<std::string, media::Entry>& last, const media::Entry& entry) {
    const auto [known, is_new] = last.try_emplace(entry.pack, entry);
    if (!is_new && known->second.offset < entry.offset) known->second = entry;
}

}  // namespace

MediaSample choose_sample(const media::IndexFiles& index, const MediaCoverage& coverage,
                          const SampleSize& size, const store::Manifest& manifest,
                          const fs::path& directory, std::stop_token stop) {
    MediaSample sample;
    std::set<std::string> packs;  // a hostile index may name any number of other packs
    for (const auto& pack : manifest.media.packs) packs.insert(pack.name);
    MediaCoverage::Counts files{}, unread{};
    each_entry(index, stop, [&](const auto& entry, auto) {
        const bool known = entry.pack.empty() || packs.contains(entry.pack);
        if (!known) sample.stranger = entry.pack;
        if (known) media::count_use(sample.used, entry);
        if (entry.type != media::EntryType::file) return;
        ++sample.of_files;
        sample.of_bytes.count += entry.size;
        ++files[coverage.group_of(entry)];
        if (!coverage.was_read(entry)) ++unread[coverage.group_of(entry)];
        if (known) note_last(sample.last, entry);
    });
    const auto wanted = wanted_of(sample.of_files, size);
    sample.groups = coverage.next(files, wanted);

    Pieces pieces(directory, sample);
    each_entry(index, stop, [&](const auto& entry, auto line) {
        if (entry.type != media::EntryType::file) return;
        const bool chosen = sample.groups[coverage.group_of(entry)];
        if (chosen) pieces.add(entry, line);
        if (!chosen && !coverage.was_read(entry)) return;
        ++sample.ever_files;
        sample.ever_bytes.count += entry.size;
    });
    pieces.finish();

    auto after = coverage;
    after.note(sample.groups, manifest.set);
    for (unsigned group = 0; group < MediaCoverage::groups; ++group)
        if (sample.groups[group]) unread[group] = 0;
    sample.drills_left = after.drills_left(files, unread, wanted);
    return sample;
}

}  // namespace mastobak::restore
