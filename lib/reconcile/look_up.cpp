// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconcile/look_up.hpp"

#include "core/error.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/path_order.hpp"

namespace mastobak::reconcile {

void look_up(NamedFiles& named, media::IndexReader& index, const OnNamedFile& on_file,
             const std::stop_token& stop) {
    const auto next_entry = [&] {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        return index.next();
    };
    const auto* entry = next_entry();
    while (const auto file = named.next()) {
        while (entry && media::compare_paths(entry->path, file->path) < 0) entry = next_entry();
        // The entry is kept, as the next row may name the same file.
        const bool found =
            entry && entry->path == file->path && entry->type != media::EntryType::directory;
        on_file(*file, found ? entry : nullptr);
    }
    while (entry) entry = next_entry();
}

}  // namespace mastobak::reconcile
