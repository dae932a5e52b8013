// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"
#include "store/staging.hpp"

namespace mastobak::store {

/// A file that the manifest names, and the state in which it was found.
struct VerifiedObject {
    std::string name;  ///< below staging: "media/x.tar"
    Bytes size;        ///< size in the manifest
    Digest sha256;
    std::string problem;  ///< "its contents changed"; empty when all of it was read and is good
};

/// The result of a verification.
struct VerifyReport {
    std::string set;
    std::vector<std::string> problems;  ///< empty when the set is good
    std::uint64_t files = 0;
    Bytes bytes;
    std::vector<std::string> away;        ///< packs that are off-site only, and were not read
    std::vector<VerifiedObject> objects;  ///< all other objects; empty without a manifest
    /// Why the set's origin is not trusted (signature.hpp); empty when the signature was not
    /// checked.
    std::string foreign;
};

/// Compares the members of the packs of a set with the index entries that name them, and returns
/// the problems, one line each. Stands for restore::verify_members, which is in another library.
/// \param away packs that are off-site only
using MemberCheck = std::function<std::vector<std::string>(
    const Staging& staging, const Manifest& manifest, const std::set<std::string>& away,
    std::stop_token stop)>;

/// Reads the dump of a set from its files in staging, and throws Error{corrupt} if it is not the
/// dump that was stored. Stands for restore::verify_dump, which is in another library.
using DumpCheck =
    std::function<void(const Staging& staging, const Manifest& manifest, std::stop_token stop)>;

/// Reads all files and packs of a set again, and compares them with SHA256SUMS, the manifest and
/// the index. Problems are in the report. A pack that is off-site only is not a problem.
/// \param members when empty, the members of packs are not compared
/// \param dump    when empty, the dump is not read; nor is it when one of its files is damaged
/// Throws Error{cancelled}.
VerifyReport verify(const Staging& staging, const std::string& set, const MemberCheck& members,
                    std::stop_token stop, const DumpCheck& dump = {});

}  // namespace mastobak::store
