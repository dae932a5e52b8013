// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "core/crypto/sha256.hpp"

namespace mastobak::dumps {

/// The files of a stored dump.
struct StoredDump {
    StoredDump() = default;
    /// A dump that is stored whole: a base, or any other zstd stream.
    StoredDump(std::filesystem::path whole) : file(std::move(whole)) {}  // NOLINT: any path
    /// A difference.
    /// \param name of the base in its place; the file may have another one
    StoredDump(std::filesystem::path difference, std::filesystem::path segments,
               std::filesystem::path base_file, std::string name, const Digest& base_digest)
        : file(std::move(difference)),
          list(std::move(segments)),
          base(std::move(base_file)),
          base_name(std::move(name)),
          base_sha256(base_digest) {}

    std::filesystem::path file{};
    std::filesystem::path list{};  ///< empty if the dump is stored whole
    std::filesystem::path base{};
    std::string base_name{};
    Digest base_sha256{};  ///< digest that `base` has, as its manifest says; it is not computed
};

/// Whether a dump that is stored as a difference is compared with its digest. It is always compared
/// with the checksums of its frames.
enum class DumpDigest { ignore, check };

/// Returns a source of the dump's bytes, as pg_dump wrote them. Each call returns the next block,
/// which is valid until the next call; an empty one at the end. A thread decompresses the next
/// segment of a difference meanwhile.
/// Both this function and the source throw Error{corrupt} when a file is missing or damaged, and
/// when a difference does not belong to its base.
std::function<std::span<const std::byte>()> read_dump(const StoredDump& dump,
                                                      DumpDigest digest = DumpDigest::ignore);

}  // namespace mastobak::dumps
