// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <system_error>

#include "core/error.hpp"
#include "core/files.hpp"
#include "store/prune.hpp"
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

}  // namespace

std::vector<std::string> Staging::clean() const {
    std::vector<std::string> removed;
    for (const auto& name : names_in(partial())) {
        remove_tree(partial() / name);
        removed.push_back("partial/" + name);
    }
    try {
        for (const auto& pack : unneeded_packs(*this, {})) {
            remove_tree(media() / pack);
            removed.push_back("media/" + pack);
        }
    } catch (const Error& error) {
        // A set does not tell which it needs. A pack too many costs room, a pack too few costs a
        // set.
        if (error.code() != Errc::corrupt) throw;
    }
    if (!removed.empty()) sync_directory(media());
    return removed;
}

}  // namespace mastobak::store
