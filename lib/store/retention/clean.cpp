// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <set>
#include <system_error>

#include "core/error.hpp"
#include "core/files.hpp"
#include "store/marks.hpp"
#include "store/pack_record_file.hpp"
#include "store/retention/prune.hpp"
#include "store/staging.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

namespace {

std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
        names.push_back(it->path().filename());
    if (error)
        throw errno_error(Errc::staging, fmt::format("read '{}'", directory.native()),
                          error.value());
    return names;
}

void remove_all_of(const fs::path& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error)
        throw errno_error(Errc::staging, fmt::format("remove '{}'", path.native()), error.value());
}

/// Returns the files in unfinished/ that do not belong to a complete pack, or that belong to a pack
/// which was published.
std::vector<std::string> useless_in_unfinished(const Staging& staging) {
    if (std::error_code ignored; !fs::exists(staging.unfinished(), ignored)) return {};
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
    auto names = names_in(staging.unfinished());
    std::erase_if(names, [&](const auto& name) { return of_use.contains(name); });
    return names;
}

}  // namespace

std::vector<std::string> Staging::clean() const {
    std::vector<std::string> removed;
    for (const auto& name : names_in(partial())) {
        remove_all_of(partial() / name);
        removed.push_back("partial/" + name);
    }
    for (const auto& name : useless_in_unfinished(*this)) {
        remove_all_of(unfinished() / name);
        removed.push_back("unfinished/" + name);
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
