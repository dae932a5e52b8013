// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/previous_index.hpp"

#include <memory>
#include <utility>

#include "core/error.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/paths.hpp"

namespace mastobak::media {
namespace {

/// Several consecutive indexes, read as one. Skips entries that cannot be trusted.
class Source {
 public:
    explicit Source(CarriedPass files) : files_(std::move(files)) { advance(); }

    /// Returns the current entry; null at the end.
    const Entry* entry() const { return entry_; }
    std::string_view line() const { return reader_->line(); }
    void advance() {
        do {
            entry_ = reader_ ? reader_->next() : nullptr;
            while (!entry_ && at_ < files_.size()) {
                trusted_until_ = files_[at_].trusted_until;
                reader_ = std::make_unique<IndexReader>(files_[at_++].file);
                entry_ = reader_->next();
            }
        } while (entry_ && entry_->ctime >= trusted_until_);
    }

 private:
    CarriedPass files_;
    std::size_t at_ = 0;
    Timestamp trusted_until_;
    std::unique_ptr<IndexReader> reader_;
    const Entry* entry_ = nullptr;
};

/// Returns the source whose current path is first; for equal paths, the newest source.
Source* first_of(std::vector<Source>& sources) {
    Source* first = nullptr;
    for (auto& source : sources)
        if (source.entry() &&
            (!first || compare_paths(source.entry()->path, first->entry()->path) <= 0))
            first = &source;
    return first;
}

}  // namespace

PreviousIndex::PreviousIndex(const IndexFiles& file, Timestamp trusted_until)
    : trusted_until_(trusted_until) {
    if (file.empty()) return;
    reader_.emplace(file);
    advance();
}

const Entry* PreviousIndex::find(std::string_view path) {
    while (entry_) {
        const int order = compare_paths(entry_->path, path);
        if (order == 0) return entry_->ctime < trusted_until_ ? entry_ : nullptr;
        if (order > 0) break;
        advance();
    }
    return nullptr;
}

std::uint64_t PreviousIndex::count_files() {
    while (entry_) advance();
    return files_;
}

void PreviousIndex::advance() {
    entry_ = reader_->next();
    if (entry_ && entry_->type == EntryType::file) ++files_;
}

void resume_index(const IndexFiles& base, Timestamp trusted_until,
                  const std::vector<CarriedPass>& passes, const std::filesystem::path& out,
                  std::stop_token stop) {
    std::vector<Source> sources;
    if (!base.empty()) sources.emplace_back(CarriedPass{{base, trusted_until}});
    for (const auto& pass : passes) sources.emplace_back(pass);
    IndexWriter index(out);
    while (const auto* newest = first_of(sources)) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const auto path = newest->entry()->path;
        index.add(*newest->entry(), newest->line());
        for (auto& source : sources)
            if (source.entry() && source.entry()->path == path) source.advance();
    }
    index.finish();
}

}  // namespace mastobak::media
