// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "restore/tree/restore_media.hpp"
#include "support/s3_stand_in.hpp"
#include "support/set_of_everything.hpp"

namespace mastobak::test {

/// A published set of a tree with hostile names, and the target of its restore.
struct RestoreFixture : SetOfEverything {
    std::string set = "20261121T030000Z";
    std::filesystem::path target = directory / "restored";

    RestoreFixture() { publish(set); }

    restore::MediaOptions options(std::vector<std::string> paths = {}) const;
    restore::MediaReport restore(std::vector<std::string> paths = {}) const;
    restore::MediaReport restore_as(const restore::MediaOptions& options) const;
    media::Entry entry(const std::string& path) const;
    /// Uploads the set and all packs to an object store, and returns the remote.
    config::Remote sent_to(const S3StandIn& store) const;
    /// Returns the files, links and directories below the target, sorted.
    std::vector<std::string> restored() const;
};

/// A pack source that calls a function before it opens a part.
struct WatchedPacks : restore::PackDirectory {
    std::function<void(const std::string& pack)> before;
    WatchedPacks(std::filesystem::path directory, std::function<void(const std::string&)> call)
        : PackDirectory(std::move(directory)), before(std::move(call)) {}
    std::unique_ptr<restore::PackPart> open(const std::string& pack, std::uint64_t offset,
                                            std::uint64_t size) override {
        before(pack);
        return PackDirectory::open(pack, offset, size);
    }
};

}  // namespace mastobak::test
