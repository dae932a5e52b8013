// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <set>
#include <system_error>

#include "core/error.hpp"
#include "core/files.hpp"
#include "store/names.hpp"
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

void remove_tree(const fs::path& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error)
        throw errno_error(Errc::staging, fmt::format("remove '{}'", path.native()), error.value());
}

/// Packs that published sets need; nothing when one of them does not tell.
std::optional<std::set<std::string>> packs_in_use(const Staging& staging) {
    std::set<std::string> packs;
    for (const auto& set : staging.list()) {
        try {
            for (const auto& pack : staging.manifest(set).media.packs) packs.insert(pack.name);
        } catch (const Error&) {
            return std::nullopt;
        }
    }
    return packs;
}

}  // namespace

std::vector<std::string> Staging::clean() const {
    std::vector<std::string> removed;
    for (const auto& name : names_in(partial())) {
        remove_tree(partial() / name);
        removed.push_back("partial/" + name);
    }
    // A pack too many costs room, a pack too few costs a set.
    const auto in_use = packs_in_use(*this);
    if (!in_use) return removed;
    std::error_code ignored;
    for (const auto& name : names_in(media())) {
        if (!is_pack_name(name) || in_use->contains(name)) continue;
        if (fs::exists(set(std::string(set_of_pack(name))), ignored)) continue;
        remove_tree(media() / name);
        removed.push_back("media/" + name);
    }
    if (!removed.empty()) sync_directory(media());
    return removed;
}

}  // namespace mastobak::store
