// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/index_reader.hpp"

#include <optional>

#include "media/index/index_lines.hpp"
#include "media/index/paths.hpp"

namespace mastobak::media {

struct IndexReader::Impl {
    /// Lines, and the first entry of them that was not returned yet; null at the end.
    struct Side {
        IndexLines lines;
        const Entry* entry = nullptr;
        bool is_current = true;  ///< `entry` was returned, or was not read yet

        Side(const std::filesystem::path& file, LinesOf kind) : lines(file, kind) {}
        void advance() {
            if (is_current) entry = lines.next();
            is_current = false;
        }
        const Entry* take() {
            is_current = true;
            return entry;
        }
    };

    Side base;
    std::optional<Side> changes;
    IndexTotals totals{};
    const Side* current = nullptr;

    const Entry* give(Side& side) {
        current = &side;
        const auto* entry = side.take();
        totals.count(*entry);
        return entry;
    }

    const Entry* merged() {
        for (;;) {
            base.advance();
            changes->advance();
            if (base.entry == nullptr && changes->entry == nullptr) return end();
            if (changes->entry == nullptr) return give(base);
            const auto order =
                base.entry == nullptr ? 1 : compare_paths(base.entry->path, changes->entry->path);
            if (order < 0) return give(base);
            if (order == 0) base.take();
            if (!changes->lines.removes()) return give(*changes);
            if (order > 0) changes->lines.fail("it removes a path that the base does not have");
            changes->take();
        }
    }

    // The totals show whether these are the changes of this base.
    const Entry* end() const {
        if (totals != changes->lines.totals())
            changes->lines.fail("its counts are not those of the base with these changes");
        return nullptr;
    }
};

IndexReader::IndexReader(const IndexFiles& files)
    : impl_(new Impl{.base = {files.whole, LinesOf::index}, .changes = std::nullopt}) {
    if (!files.changes.empty()) impl_->changes.emplace(files.changes, LinesOf::changes);
}

IndexReader::~IndexReader() = default;

const Entry* IndexReader::next() {
    auto& self = *impl_;
    if (self.changes) return self.merged();
    self.current = &self.base;
    return self.base.lines.next();
}

std::string_view IndexReader::line() const {
    return impl_->current->lines.line();
}

}  // namespace mastobak::media
