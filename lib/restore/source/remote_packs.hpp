// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "offsite/remote.hpp"
#include "restore/source/pack_source.hpp"

namespace mastobak::restore {

/// The packs of a remote. Fetches the needed ranges in pieces into a scratch directory, and removes
/// each piece after it was read.
class RemotePacks : public PackSource {
 public:
    /// Makes a remote. Each thread that reads needs one, because a remote does one thing at a time.
    using MakeRemote = std::function<std::unique_ptr<offsite::Remote>()>;

    /// The size limit of one request; a larger range is fetched in several pieces.
    static constexpr Bytes usual_piece{std::uint64_t{64} << 20};
    /// For a remote that cannot fetch ranges (rsync) and fetches the whole pack for each piece.
    static constexpr Bytes whole_packs{std::uint64_t{1} << 50};

    /// \param scratch a directory, created when it is missing, which has a piece for each thread
    /// \param stop    ends transfers in progress; reads then throw Error{cancelled}
    RemotePacks(MakeRemote make, std::filesystem::path scratch, std::stop_token stop,
                Bytes piece = usual_piece);

    /// The first call lists the packs of the remote. Throws Error{offsite}, too.
    std::unique_ptr<PackPart> open(const std::string& pack, std::uint64_t offset,
                                   std::uint64_t size) override;
    std::optional<Bytes> size_of(const std::string& pack) override;
    /// A request costs a round trip or more, which a piece of 16 MiB outweighs.
    std::uint64_t largest_request() const override { return std::uint64_t{16} << 20; }
    Bytes fetched() const override { return Bytes{fetched_}; }
    TimeFit fetch_times() const override;

 private:
    friend class RemotePart;
    /// Returns the packs of the remote, which are listed once.
    const std::map<std::string, Bytes>& listed();
    /// Fetches a piece into a file. Throws as Remote::get does.
    void fetch(const offsite::Part& part, const std::filesystem::path& file);
    std::unique_ptr<offsite::Remote> take();
    void give_back(std::unique_ptr<offsite::Remote> remote);

    MakeRemote make_;
    const Bytes piece_;
    std::filesystem::path scratch_;
    std::stop_token stop_;
    std::atomic<std::uint64_t> files_ = 0;
    std::atomic<std::uint64_t> fetched_ = 0;
    std::once_flag listed_once_;
    std::map<std::string, Bytes> listed_;
    mutable std::mutex mutex_;
    TimeFit times_;
    std::vector<std::unique_ptr<offsite::Remote>> idle_;
};

}  // namespace mastobak::restore
