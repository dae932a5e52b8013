// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/index_as.hpp"

#include <chrono>

#include "media/index/index_changes.hpp"
#include "media/index/index_parts.hpp"
#include "media/index/index_reader.hpp"
#include "store/formats/names.hpp"
#include "support/catch.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

namespace {

/// Writes an index as it may have been some nights before: without some files, with other times of
/// some, and with one that is gone.
media::IndexWriter::Result write_older(const fs::path& index, const fs::path& older) {
    media::IndexReader reader(index);
    media::IndexWriter writer(older);
    std::optional<media::Entry> file;
    for (int number = 0; const auto* found = reader.next(); ++number) {
        auto entry = *found;
        const bool is_file = entry.type == media::EntryType::file;
        if (is_file) file = entry;
        if (is_file && number % 50 == 3) continue;
        if (number % 50 == 7) entry.mtime -= std::chrono::hours(24);
        writer.add(entry);
    }
    file.value().path = "\xff\xffgone";
    writer.add(*file);
    return writer.finish();
}

}  // namespace

void add_index(store::NewSet& set, store::Manifest& manifest,
               const media::IndexWriter::Result& written, IndexAs how) {
    const auto whole = set.directory() / store::whole_index;
    const auto base = set.pack_directory() / store::index_name(set.name());
    auto listed = written;
    if (how == IndexAs::whole) {
        set.add({store::whole_index, written.size, written.sha256});
    } else if (how == IndexAs::base) {
        fs::rename(whole, base);
    } else {
        listed = write_older(whole, base);
        const auto file = set.directory() / store::index_changes;
        const auto changes = media::write_index_changes(base, whole, file, {}).value();
        set.add({store::index_changes, changes.size, changes.sha256});
        fs::remove(whole);
    }
    if (how != IndexAs::whole)
        manifest.media.index_base =
            store::Artifact{base.filename().native(), listed.size, listed.sha256};
    const auto list = media::write_index_parts(set.directory() / store::index_parts, listed.parts);
    set.add({store::index_parts, list.size, list.sha256});
}

}  // namespace mastobak::test
