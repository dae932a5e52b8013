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
/// \param hash a hash without data, reused between members; after an exception it has to be cleared
///             by finish()
/// \return the first difference, such as "its contents have another SHA-256"; empty when equal
/// Throws Error{corrupt} when the data is not an archive, Error{cancelled}, and errors of its
/// source.
std::string compare_member(const Entry& entry, archive::TarReader& tar, Sha256& hash);

/// Reads every member that an index refers to, in index order, and compares its path, type, size,
/// target and contents. Also checks the list of parts when one is beside the index. See verify in
/// lib/store.
///
/// \param away packs that are not checked, because they are not in this directory
/// \return one line for each difference, with the path: the first 100, and the number of the
///         others. A pack that cannot be opened has only one line
/// Throws Error{corrupt} when the index itself is damaged, Error{cancelled} after `stop`.
std::vector<std::string> verify_packs(const IndexFiles& index, const std::filesystem::path& parts,
                                      const std::filesystem::path& pack_directory,
                                      const std::set<std::string>& away, std::stop_token stop);

/// Members of one pack that are damaged or unreadable.
struct DamagedMembers {
    std::vector<Entry> members;  ///< the first ones; count has their full number
    std::uint64_t count = 0;
};

/// Reads the members of one pack that an index refers to, and returns the damaged ones. When the
/// pack cannot be opened, only its first member is returned.
/// \param most the largest number of members in the list
/// Throws the same errors as verify_packs().
DamagedMembers damaged_members(const IndexFiles& index, const std::filesystem::path& pack_directory,
                               const std::string& pack, std::size_t most, std::stop_token stop);

}  // namespace mastobak::media
