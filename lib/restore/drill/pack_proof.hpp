// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "core/crypto/sha256.hpp"
#include "media/index/index.hpp"
#include "postgres/check/check.hpp"
#include "restore/source/pack_source.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// Reads packs of a set, each once and sequentially, and compares their contents. For use by one
/// thread. A pack has to be at its place with its size. Damage of a pack is added to a check. All
/// functions throw Error{offsite}, Error{environment}, Error{cancelled}.
class PackProof {
 public:
    /// \param of_packs receives the problems of packs, and the number of bytes that were read
    /// \param on_read  called with the number of bytes that each read returned; may be empty
    PackProof(PackSource& packs, postgres::Check& of_packs,
              std::function<void(std::uint64_t bytes)> on_read, std::stop_token stop);

    /// Compares the end of a pack: its last member, and the zeros after it.
    /// \param last the entry of that member; null if it is not known
    void prove_end(const store::PackReference& pack, const media::Entry* last);
    /// Compares a whole pack with its hash in the manifest, and its members with the index.
    /// \param entries  entries of its members, by offset
    /// \param of_media receives the problems of files, and the number of files that were compared
    void prove_whole(const store::PackReference& pack, const std::vector<media::Entry>& entries,
                     postgres::Check& of_media);

 private:
    class Stream;
    /// \return whether the member agrees with the entry
    bool compare(Stream& stream, const media::Entry& entry, postgres::Check& check);
    void compare_end(Stream& stream, const store::PackReference& pack);

    PackSource& packs_;
    postgres::Check& of_packs_;
    const std::function<void(std::uint64_t)> on_read_;
    const std::stop_token stop_;
    std::vector<std::byte> block_;
    Sha256 hash_;
};

}  // namespace mastobak::restore
