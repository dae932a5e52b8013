// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/source/verify_dump.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/text.hpp"
#include "dumps/read_dump.hpp"
#include "media/pack/verify_packs.hpp"
#include "restore/source/checked_files.hpp"

namespace mastobak::restore {

namespace {

/// Reads the dump, and returns its size; stops when it is larger than expected.
Bytes read_all(const dumps::StoredDump& dump, Bytes expected, const std::stop_token& stop) {
    const auto read = dumps::read_dump(dump, dumps::DumpDigest::check);
    Bytes size;
    for (auto block = read(); !block.empty() && size <= expected; block = read()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        size += Bytes{block.size()};
    }
    return size;
}

Bytes size_of(const dumps::StoredDump& dump, Bytes expected, const std::stop_token& stop) {
    try {
        return read_all(dump, expected, stop);
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        throw Error(Errc::corrupt, fmt::format("the dump cannot be read: {}", error.text()));
    }
}

}  // namespace

void verify_dump(const store::Staging& staging, const store::Manifest& manifest,
                 const std::stop_token& stop) {
    const auto file = [&](const std::string& name) {
        return is_shared_by(manifest, name) ? staging.shared(name)
                                            : staging.set(manifest.set) / name;
    };
    const auto expected = manifest.database.dump_uncompressed;
    const auto size = size_of(stored_dump(manifest, file), expected, stop);
    if (size != expected)
        throw Error(Errc::corrupt, fmt::format("the dump has {} {}, but the manifest says {}",
                                               size > expected ? "at least" : "only",
                                               counted(size.count, "byte"), expected.count));
}

std::vector<std::string> verify_members(const store::Staging& staging,
                                        const store::Manifest& manifest,
                                        const std::set<std::string>& away,
                                        const std::stop_token& stop) {
    const auto index = staging.index(manifest);
    return media::verify_packs({index.whole, index.changes}, index.parts, staging.media(), away,
                               stop);
}

}  // namespace mastobak::restore
