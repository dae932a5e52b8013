// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "config/config.hpp"
#include "core/crypto/sha256.hpp"
#include "scrub/place.hpp"

namespace mastobak::scrub {

/// A whole copy of an object, below partial/ of staging until it changes places with a damaged one.
/// What is left of it, or of the damaged one, is removed with this object, or by the next run.
class WholeCopy {
 public:
    /// \param leaf the file name: rsync needs it
    WholeCopy(const config::Config& config, const std::string& leaf);
    ~WholeCopy();
    WholeCopy(const WholeCopy&) = delete;
    WholeCopy& operator=(const WholeCopy&) = delete;

    const std::filesystem::path& file() const { return file_; }
    /// \return the digest of what came
    /// Throws Error{staging} when there is no room, and as Place::fetch() does.
    Digest fetch(Place& from, const std::string& object, Bytes size, const std::stop_token& stop);
    /// Reads it back from the disk. Throws Error{corrupt} when it is not what is wanted.
    void require(const Wanted& wanted, const std::stop_token& stop) const;
    /// Gives it the name of a damaged file, or of one that is missing, in one step where the file
    /// system can exchange two; and removes the damaged one. Throws Error{staging}.
    void change_places_with(const std::filesystem::path& damaged);

 private:
    const config::Config& config_;
    std::filesystem::path directory_;
    std::filesystem::path file_;
};

}  // namespace mastobak::scrub
