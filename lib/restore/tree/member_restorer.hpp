// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "archive/tar.hpp"
#include "core/crypto/sha256.hpp"
#include "media/index/index.hpp"
#include "restore/source/pack_source.hpp"
#include "restore/tree/attributes.hpp"
#include "restore/tree/target_tree.hpp"

namespace mastobak::restore {

/// Writes members of packs into a target. For use by one thread.
class MemberRestorer {
 public:
    /// \param lost counts attributes that the target cannot store
    MemberRestorer(const TargetTree& target, std::optional<Owner> owner, LostAttributes& lost,
                   std::stop_token stop);

    /// Restores one file. On an error, nothing in the target has changed.
    /// \param part part of the pack that has the member
    /// \return whether the file was written; false if it was already there with these contents
    /// Throws Error{corrupt} when the member differs from the index, and the errors of
    /// throw_target_error().
    bool restore(const media::Entry& entry, PackPart& part);

 private:
    int directory_of(const media::Entry& entry);
    bool is_there(int directory, const media::Entry& entry);
    void write(int directory, const media::Entry& entry, archive::TarReader& tar,
               const archive::Header& header);

    const TargetTree& target_;
    const std::optional<Owner> owner_;
    LostAttributes& lost_;
    const std::stop_token stop_;
    /// The open directory is kept, because the next file is usually in the same one.
    std::string open_path_;
    UniqueFd open_;
    std::vector<std::byte> block_;
    Sha256 hash_;
};

}  // namespace mastobak::restore
