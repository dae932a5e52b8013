// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <iterator>
#include <set>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "store/marks.hpp"
#include "store/pack_record.hpp"
#include "store/retention/prune.hpp"
#include "store/staging.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

namespace {

/// Returns the files in unfinished/ that do not belong to a complete pack, or that belong to a pack
/// which was published.
std::vector<fs::path> useless_in_unfinished(const Staging& staging) {
    std::set<std::string> of_use;
    for (const auto& record : unfinished_packs(staging)) {
        const auto is_at = [&](PackPlace place) {
            std::error_code ignored;
            return fs::exists(file_at(staging, place, record.name), ignored);
        };
        if (is_at(PackPlace::here) || is_at(PackPlace::off_site)) continue;
        of_use.insert(record_file({}, record.name));
        of_use.insert(lines_of(staging, record.name).filename());
        if (!is_off_site(record.place)) of_use.insert(record.name);
    }
    std::vector<fs::path> files = entries_of(staging.unfinished());
    std::erase_if(files, [&](const auto& file) { return of_use.contains(file.filename()); });
    return files;
}

}  // namespace

std::vector<std::string> Staging::clean() const {
    std::vector<std::string> removed;
    auto useless = entries_of(partial());
    std::ranges::copy(useless_in_unfinished(*this), std::back_inserter(useless));
    for (const auto& path : useless) {
        remove_path(path);
        removed.push_back(path.lexically_relative(root_));
    }
    try {
        for (const auto& pack : unneeded_packs(*this, {})) {
            remove_pack(*this, pack);
            removed.push_back(shared_path(pack));
        }
    } catch (const Error& error) {
        // A manifest cannot be read, so it is not known which packs that set needs. Keeping a pack
        // too long costs only room.
        if (error.code() != Errc::corrupt) throw;
    }
    if (!removed.empty()) sync_shared(*this);
    forget_damage_of_others(*this);
    return removed;
}

}  // namespace mastobak::store
