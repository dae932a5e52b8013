// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/pack_pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/error.hpp"
#include "media/index/previous_index.hpp"
#include "offsite/queue.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "store/formats/names.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;
using namespace std::chrono_literals;
namespace {

/// How long a run waits for room in staging while no remote accepts a pack.
constexpr std::chrono::seconds patience = 1h;
/// Room for the packs of the freeze, which must not wait for uploads while Mastodon is stopped.
constexpr Bytes for_freeze{std::uint64_t{16} << 20};
/// How many packs must fit into staging: while one is written, the others are uploaded.
constexpr std::uint64_t packs_in_staging = 4;
constexpr Bytes smallest_pack{std::uint64_t{1} << 20};
/// The same margin as in media_passes.cpp: twice the kernel's coarsest tick.
constexpr auto clock_margin = 20ms;

std::unique_ptr<PackStreamer> make_send_ahead(const config::Config& config) {
    if (config.offsite.empty()) return nullptr;
    std::vector<std::unique_ptr<offsite::Remote>> remotes;
    // The upload worker uses other remote objects and another scratch directory.
    for (const auto& entry : config.offsite)
        remotes.push_back(offsite::make_remote(entry, config.state_directory / "ahead"));
    return std::make_unique<PackStreamer>(store::Staging(config.staging.path), std::move(remotes),
                                          offsite::Backoff{.first = 10s, .longest = 300s},
                                          patience);
}

bool is_out_of_reach(const store::PackRecord& pack, const config::Config& config) {
    return store::is_off_site(pack.place) &&
           std::none_of(config.offsite.begin(), config.offsite.end(), [&](const auto& remote) {
               return std::ranges::find(pack.remotes, remote.name) != pack.remotes.end();
           });
}

}  // namespace

PackPipeline::PackPipeline(const config::Config& config, Bytes reserve, bool send,
                           const Clock& clock)
    : config_(config),
      reserve_(reserve),
      send_(send),
      clock_(clock),
      staging_(config.staging.path),
      resumed_(store::unfinished_packs(staging_)),
      ahead_(make_send_ahead(config)) {
    for (const auto& pack : resumed_)
        if (is_out_of_reach(pack, config)) store::drop_unfinished(staging_, pack.name, pack.place);
    std::erase_if(resumed_, [&](const auto& pack) { return is_out_of_reach(pack, config); });
    if (!ahead_) return;
    for (const auto& pack : resumed_)
        if (!store::is_off_site(pack.place)) ahead_->add(pack);
    if (send_) ahead_->begin();
}

Bytes PackPipeline::carried_bytes() const {
    Bytes sum;
    for (const auto& pack : resumed_) sum += pack.size;
    return sum;
}

bool PackPipeline::write_index(const media::IndexFiles& base, Timestamp trusted_until,
                               const fs::path& out, std::stop_token stop) {
    // The names of packs sort by run and number, so each pass receives its packs in order.
    std::map<std::pair<std::string, int>, media::CarriedPass> passes;
    for (const auto& pack : resumed_)
        passes[{std::string(store::set_that_made(pack.name)), pack.pass}].push_back(
            {store::lines_of(staging_, pack.name), pack.finished_at - clock_margin});
    std::vector<media::CarriedPass> all;
    for (auto& [key, pass] : passes) all.push_back(std::move(pass));
    try {
        media::resume_index(base, trusted_until, all, out, std::move(stop));
        return true;
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        warnings_.push_back(
            fmt::format("the packs of an interrupted run cannot be used: {}; they are made again",
                        error.text()));
    }
    std::error_code ignored;
    fs::remove(out, ignored);
    discard_resumed();
    return false;
}

void PackPipeline::discard_resumed() {
    if (resumed_.empty()) return;  // packs made by repacking are kept
    if (ahead_) ahead_->end();
    for (const auto& pack : resumed_) store::drop_unfinished(staging_, pack.name, pack.place);
    resumed_.clear();
    ahead_ = make_send_ahead(config_);
    if (ahead_ && send_) ahead_->begin();
}

void PackPipeline::watch(media::TreeOptions& options, int pass,
                         std::function<void(std::string_view)> say, std::stop_token stop) {
    options.finished = [this, pass, directory = options.pack_directory](const media::Pack& pack,
                                                                        const fs::path& lines) {
        keep(pack, directory / pack.name, lines, pass);
    };
    options.make_room = [this, say = std::move(say), stop = std::move(stop)](Bytes bytes) {
        make_room(bytes, say, stop);
    };
    if (!ahead_) return;
    room_ = look_for_room(config_.staging);
    const Bytes part{room_.without(reserve_).count / packs_in_staging};
    options.pack_size =
        std::clamp(part, std::min(smallest_pack, options.pack_size), options.pack_size);
}

void PackPipeline::watch_in_freeze(media::TreeOptions& options) {
    options.make_room = [this](Bytes bytes) {
        if (spend(bytes)) return;
        throw_no_room(config_, room_, reserve_ + bytes,
                      "what is new and the dump of the database need");
    };
}

void PackPipeline::make_room_for_freeze(const std::function<void(std::string_view)>& say,
                                        std::stop_token stop) {
    // The result is ignored: a staging directory that is too small cannot have more room.
    if (ahead_) wait_for_room(for_freeze, say, stop);
    allowance_ = {};
}

void PackPipeline::keep(const media::Pack& pack, const fs::path& file, const fs::path& lines,
                        int pass) {
    store::PackRecord record;
    record.name = pack.name;
    record.size = pack.size;
    record.sha256 = pack.sha256;
    record.finished_at = clock_.now();
    record.pass = pass;
    record = store::keep_unfinished(staging_, file, lines, std::move(record));
    if (ahead_) ahead_->add(std::move(record));
}

void PackPipeline::make_room(Bytes bytes, const std::function<void(std::string_view)>& say,
                             const std::stop_token& stop) {
    if (!wait_for_room(bytes, say, stop))
        throw_no_room(config_, room_, reserve_ + bytes,
                      "more media and the dump of the database need");
}

bool PackPipeline::wait_for_room(Bytes bytes, const std::function<void(std::string_view)>& say,
                                 const std::stop_token& stop) {
    for (;;) {
        const auto removed = ahead_ ? ahead_->removed() : 0;
        if (spend(bytes)) return true;
        if (!ahead_) return false;
        ahead_->begin();
        if (!ahead_->wait(removed, say, stop)) return false;
    }
}

bool PackPipeline::spend(Bytes bytes) {
    if (allowance_ >= bytes) {
        allowance_.count -= bytes.count;
        return true;
    }
    // Measuring a large staging directory takes a while. It is measured more often when little
    // room is left.
    room_ = look_for_room(config_.staging);
    const auto left = room_.without(reserve_);
    if (left < bytes) return false;
    allowance_ = {std::max(left.count / 4, bytes.count) - bytes.count};
    return true;
}

void PackPipeline::end() {
    if (ahead_) ahead_->end();
}

std::vector<std::string> PackPipeline::warnings() const {
    auto all = warnings_;
    if (ahead_)
        for (auto& warning : ahead_->warnings()) all.push_back(std::move(warning));
    return all;
}

}  // namespace mastobak::backup
