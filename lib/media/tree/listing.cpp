// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/tree/listing.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "media/read/file_layout.hpp"

namespace mastobak::media {
namespace {

constexpr std::size_t names_block = 64 * 1024;

/// The limit of files in one listing that are looked at ahead. Each takes 100 bytes, in up to a few
/// hundred listings. A directory that Mastodon made has at most four files.
constexpr std::size_t most_looks = 256;

}  // namespace

Listing list(Opener& opener, const Directory& parent, const char* name, std::vector<char>& block) {
    Listing listing;
    auto fd = opener.open(parent.fd.get(), name, O_DIRECTORY);
    const auto status = fd ? status_of(fd.get()) : std::nullopt;
    if (!status) {
        listing.error = errno;
        return listing;
    }
    listing.status = *status;
    listing.xattrs = xattrs_of(fd.get());
    listing.error = listing.names.read(fd.get(), block);
    listing.directory = std::make_shared<const Directory>(std::move(fd), parent.child(name));
    return listing;
}

StatResult look_at(const Directory& directory, const char* name) {
    const auto status = status_at(directory.fd.get(), name);
    return status ? StatResult{*status, 0} : StatResult{{}, errno};
}

void look_at_files(Listing& listing) {
    const auto names = std::min(listing.names.size(), most_looks);
    for (std::size_t i = 0; i < names; ++i) {
        if (listing.names.type(i) == DT_DIR) continue;
        listing.looks.push_back(look_at(*listing.directory, listing.names[i]));
    }
}

std::vector<char> make_block() {
    return std::vector<char>(names_block);
}

}  // namespace mastobak::media
