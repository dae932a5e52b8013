// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "archive/tar.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/location.hpp"
#include "media/pack/pack_file.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

/// Writes members into packs: PREFIX-0001.tar and on, each as full as its limits allow.
/// Throws Error{staging}.
class PackWriter {
 public:
    /// \param options outlives it
    explicit PackWriter(const TreeOptions& options);

    /// Holes are left out only where that makes the member smaller than the contents: where it is
    /// not, they are zeros.
    void begin(archive::Header header);
    void data(std::span<const std::byte> block);
    void hole(std::uint64_t size);
    Location end();
    /// Takes back the member that was begun, as if it had never been.
    void abandon();
    /// The line of the member that has ended last; of no interest where it is in another pack.
    void describe(const Entry& entry);

    /// Ends the last pack; all of them, fsynced.
    std::vector<Pack> finish();

 private:
    void open_pack();
    void open_tar();
    void close_pack();
    /// The one that is empty, as all it was opened for was taken back.
    void drop_pack();
    std::uint64_t position() const;
    /// Asked before that many bytes are written.
    void make_room(std::uint64_t bytes);

    const TreeOptions& options_;
    std::vector<Pack> packs_;
    std::uint64_t room_ = 0;  ///< that was asked for, and is not used yet
    std::optional<PackFile> file_;
    std::optional<archive::TarWriter> tar_;
    std::shared_ptr<IndexWriter> lines_;  ///< of this pack; null: not wanted
    std::uint64_t tar_start_ = 0;         ///< where in the file this tar writer began
    std::uint64_t member_start_ = 0;      ///< of the member that was begun
    std::future<void> syncing_;           ///< fsync of the pack before, while this one is filled
};

}  // namespace mastobak::media
