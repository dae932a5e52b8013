// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media_passes.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;
namespace {

constexpr auto index_name = "media.index.zst";
/// How much is packed between two looks at the free space.
constexpr std::uint64_t look_every = std::uint64_t{64} << 20;

}  // namespace

MediaPasses::MediaPasses(const config::Config& config, const Plan& plan, const store::NewSet& set,
                         std::optional<PreviousMedia> previous)
    : config_(config), plan_(plan), set_(set), previous_(std::move(previous)) {
    if (!previous_) return;
    for (const auto& pack : previous_->packs) packs_.emplace(pack.name, pack);
}

fs::path MediaPasses::index_of_pass(int number) const {
    return set_.pack_directory() / fmt::format("pass-{}.index.zst", number);
}

void MediaPasses::pass(Observer& observer, std::stop_token stop) {
    media::TreeOptions options;
    options.root = plan_.media_root;
    options.excluded = plan_.excluded;
    options.pack_directory = set_.pack_directory();
    options.pack_prefix = set_.name();
    options.first_pack = static_cast<unsigned>(new_packs_.size()) + 1;
    options.pack_size = config_.media.pack_size;
    if (passes_ > 0)
        options.previous_index = index_of_pass(passes_);
    else if (previous_)
        options.previous_index = previous_->index;
    options.index = index_of_pass(++passes_);

    std::uint64_t looked_at = 0;
    const auto progress = [&](const media::TreeProgress& done) {
        observer.progress(-1, fmt::format("{} files, {}", done.files, to_string(done.bytes)));
        if (done.bytes.count - looked_at < look_every) return;
        looked_at = done.bytes.count;
        if (free_space(config_.staging.path) < config_.staging.min_free)
            throw Error(
                Errc::staging,
                fmt::format("'{}' has less than {} free (staging.min_free)",
                            config_.staging.path.native(), to_string(config_.staging.min_free)),
                "make room, or set staging.path to a larger file system");
    };
    last_ = media::backup_tree(options, progress, std::move(stop));
    for (const auto& pack : last_.new_packs) {
        packs_[pack.name] = {pack.name, pack.size, pack.sha256, 0};
        new_packs_.push_back(pack.name);
    }
    new_files_ += last_.packed_files;
    new_bytes_ += last_.packed_bytes;
}

store::Artifact MediaPasses::take_index() {
    const auto file = set_.directory() / index_name;
    std::error_code error;
    fs::rename(index_of_pass(passes_), file, error);
    if (error) throw write_error(Errc::staging, file.native(), error.value());
    return {index_name, last_.index.size, last_.index.sha256};
}

void MediaPasses::describe(store::Manifest& manifest) {
    auto& media = manifest.media;
    media.root = plan_.media_root.native();
    media.scope = config_.media.scope == config::MediaScope::all ? "all" : "local";
    media.excluded = plan_.excluded;
    media.excluded_bytes = last_.excluded_bytes;
    media.files = last_.index.files;
    media.bytes = last_.index.file_bytes;
    media.new_files = new_files_;
    media.new_bytes = new_bytes_;
    media.vanished = last_.vanished;
    for (const auto& [name, entries] : last_.packs_used) {
        const auto known = packs_.find(name);
        if (known == packs_.end())
            throw Error(Errc::internal, fmt::format("the index names an unknown pack '{}'", name));
        media.packs.push_back(known->second);
        media.packs.back().entries = entries;
    }
    std::error_code ignored;
    for (const auto& name : new_packs_)
        if (!last_.packs_used.contains(name)) fs::remove(set_.pack_directory() / name, ignored);
    for (int number = 1; number <= passes_; ++number) fs::remove(index_of_pass(number), ignored);
}

std::vector<std::string> MediaPasses::warnings() const {
    auto warnings = last_.warnings;
    if (last_.warnings_in_all > warnings.size())
        warnings.push_back(
            fmt::format("and {} more of that kind", last_.warnings_in_all - warnings.size()));
    return warnings;
}

}  // namespace mastobak::backup
