// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "config/config.hpp"
#include "core/crypto/sha256.hpp"
#include "core/files/files.hpp"
#include "scrub/place.hpp"

namespace mastobak::scrub {

/// A good copy of an object, which is in partial/ of staging until it replaces a damaged one. The
/// destructor, or the next run, removes what is left of the copy or of the damaged object.
class WholeCopy {
 public:
    /// \param leaf the file name of the object, which rsync needs
    WholeCopy(const config::Config& config, const std::string& leaf);

    const std::filesystem::path& file() const { return file_; }
    /// Fetches the object.
    /// \return the digest of the fetched file
    /// Throws Error{staging} when there is no room, and as Place::fetch() does.
    Digest fetch(Place& from, const std::string& object, Bytes size, const std::stop_token& stop);
    /// Reads the copy back from the disk. Throws Error{corrupt} when it is not as wanted.
    void require(const Wanted& wanted, const std::stop_token& stop) const;
    /// Renames the copy to the name of a damaged or missing file, and removes the damaged file. The
    /// replacement is atomic if the file system can exchange two files. Throws Error{staging}.
    void change_places_with(const std::filesystem::path& damaged);

 private:
    const config::Config& config_;
    const Temporary directory_;
    std::filesystem::path file_;
};

}  // namespace mastobak::scrub
