// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"
#include "store/staging.hpp"

namespace mastobak::store {

/// A file that the manifest names, and how it is.
struct VerifiedObject {
    std::string name;  ///< below staging: "media/x.tar"
    Bytes size;        ///< as published
    Digest sha256;
    std::string problem;  ///< "its contents changed"; empty: all of it was read, and it is whole
};

/// What verification found.
struct VerifyReport {
    std::string set;
    std::vector<std::string> problems;  ///< empty: the set is good
    std::uint64_t files = 0;
    Bytes bytes;
    std::vector<std::string> away;        ///< packs that are off-site alone, and were not looked at
    std::vector<VerifiedObject> objects;  ///< all but those, where there is a manifest
    std::string foreign;  ///< why it counts for nothing (signature.hpp), where that was looked at
};

/// Compares the members of the packs in a directory with the index entries that name them, and
/// returns what is wrong, one line each: media::verify_packs (a library beside this one).
using MemberCheck = std::function<std::vector<std::string>(
    const std::filesystem::path& index, const std::filesystem::path& packs,
    const std::set<std::string>& away, std::stop_token stop)>;

/// Reads a set again, all of its files and packs, and compares them with SHA256SUMS, the manifest
/// and the index. What is wrong is in the report. Packs that are away are not wrong.
/// \param members empty: packs are compared as files only
/// Throws Error{cancelled}.
VerifyReport verify(const Staging& staging, const std::string& set, const MemberCheck& members,
                    std::stop_token stop);

}  // namespace mastobak::store
