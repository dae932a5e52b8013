// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "archive/tar.hpp"
#include "media/index/index.hpp"
#include "media/index/index_writer.hpp"
#include "media/pack/pack_file.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

/// Writes members into packs PREFIX-0001.tar, PREFIX-0002.tar, …, and fills each up to its limits.
/// Throws Error{staging}.
class PackWriter {
 public:
    /// \param options has to outlive this object
    explicit PackWriter(const TreeOptions& options);

    /// Begins a member. Its holes are left out only when that makes the member smaller than the
    /// contents; otherwise they are stored as zeros.
    void begin(archive::Header header);
    void data(std::span<const std::byte> block);
    void hole(std::uint64_t size);
    Location end();
    /// Removes the member that was begun last from the pack.
    void abandon();
    /// Adds the entry to the intermediate index of the current pack. Ignores an entry whose member
    /// is in another pack.
    void describe(const Entry& entry);

    /// Ends the last pack. Returns all packs; they are fsynced. No other call may follow.
    /// Throws Error{staging}, and the exceptions of TreeOptions::finished.
    std::vector<Pack> finish();

 private:
    void open_pack();
    void open_tar();
    void close_pack();
    /// Removes a pack that is empty because all its members were taken back.
    void drop_pack();
    std::uint64_t position() const;
    /// Waits for room on the disk, before this many bytes are written.
    void make_room(std::uint64_t bytes);

    const TreeOptions& options_;
    std::vector<Pack> packs_;
    std::uint64_t room_ = 0;  ///< bytes granted by options_.make_room and not used yet
    std::optional<PackFile> file_;
    std::optional<archive::TarWriter> tar_;
    std::shared_ptr<IndexWriter> lines_;  ///< intermediate index of this pack; null when not wanted
    std::uint64_t tar_start_ = 0;         ///< offset in the file where this tar writer began
    std::uint64_t member_start_ = 0;      ///< offset of the member that was begun last
    std::future<void> syncing_;           ///< fsync of the previous pack while this one is filled
};

/// Returns the tar header of the member of a file, symlink or hard link. The caller adds the holes
/// and extended attributes of a file, which the index does not have. The result depends only on
/// the entry and the names of its owner, so that a repair can write the same member again.
archive::Header member_header(const Entry& entry, archive::Owners& owners);

}  // namespace mastobak::media
