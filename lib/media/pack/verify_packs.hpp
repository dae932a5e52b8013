// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "archive/tar.hpp"
#include "core/crypto/sha256.hpp"
#include "media/index/index.hpp"

namespace mastobak::media {

/// Reads a member and compares its path, type, size, target and contents with an index entry.
/// \param hash of nothing; what is left in it after an error is of no use
/// \return what is wrong, "its contents have another SHA-256"; empty: nothing
/// Throws Error{corrupt} for what is not an archive, Error{cancelled}, and as its source does.
std::string compare_member(const Entry& entry, archive::TarReader& tar, Sha256& hash);

/// Reads every member that an index names, in order of the index, and compares its path, type,
/// size, target and contents; and the list of the index's parts, where one is beside it. See verify
/// in lib/store.
///
/// \param away packs that are not looked at
/// \return what is wrong, one line each, with the path; the first hundred, and how many more
/// Throws Error{corrupt} when the index itself is damaged, Error{cancelled}.
std::vector<std::string> verify_packs(const std::filesystem::path& index,
                                      const std::filesystem::path& pack_directory,
                                      const std::set<std::string>& away, std::stop_token stop);

/// Members of one pack that are damaged, or cannot be read.
struct DamagedMembers {
    std::vector<Entry> members;  ///< the first of them
    std::uint64_t count = 0;
};

/// Reads the members of one pack that an index names.
/// \param most how many are listed
/// Throws as verify_packs() does.
DamagedMembers damaged_members(const std::filesystem::path& index,
                               const std::filesystem::path& pack_directory, const std::string& pack,
                               std::size_t most, std::stop_token stop);

}  // namespace mastobak::media
