// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"
#include "media/read/rate_limit.hpp"
#include "offsite/remote.hpp"
#include "restore/source/set_source.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::scrub {

/// An object that sets need, with its size and digest as published.
struct Wanted {
    Bytes size;
    Digest sha256;
    std::vector<std::string> sets{};  ///< sets that need it, oldest first
};

/// The objects that a place has to have.
struct Inventory {
    std::map<std::string, Wanted> objects;
    /// Sets whose manifest or SHA256SUMS is damaged, with the problem. Their objects are not known.
    std::map<std::string, std::string> damaged_sets;
    std::vector<std::string> foreign;  ///< sets that this host has not signed; they are not read
    std::vector<std::string> sets;     ///< all sets that are listed, oldest first
};

/// The result of checking an object.
struct Finding {
    std::string problem{};  ///< "its contents changed"; empty when it is as published
    std::string by{};       ///< "reading", or a hash: "md5"
    /// When the first byte was read, if an earlier call has begun to read the object.
    std::optional<Timestamp> since{};
};

/// Staging or a remote, as the scrub reads it. Blocks; for use by one thread.
class Place {
 public:
    virtual ~Place() = default;
    /// Returns staging_place, or the name of the remote.
    virtual const std::string& id() const = 0;
    virtual restore::SetSource& sets() = 0;
    /// Returns the names of the sets, including sets that are not complete yet, with one request.
    virtual std::vector<std::string> set_names(std::stop_token stop) = 0;
    /// Returns the size of an object; empty when it is missing. Uses the listing of the object's
    /// directory, which is requested once. Throws Error{offsite}, Error{staging}, Error{cancelled}.
    virtual std::optional<Bytes> size_of(const std::string& name, std::stop_token stop) = 0;
    /// Reads a part of an object sequentially. Throws Error{corrupt} when the disk cannot read it,
    /// Error{offsite}, Error{cancelled}.
    virtual void read(const offsite::Part& part, const offsite::TakeBlock& take,
                      std::stop_token stop) = 0;
    /// Lets the place itself compare the object, by reading its bytes now. Returns nullopt when the
    /// place cannot do that, or when its answer would not prove anything.
    virtual std::optional<Finding> compare(const std::string& name, const Wanted& wanted,
                                           std::stop_token stop) = 0;
    /// Returns whether a pack that a set here needs is off-site only.
    virtual bool is_away(const store::PackReference&) { return false; }
    /// Returns whether staging has a set of that name that this host has signed.
    virtual bool is_ours_here(const std::string&) { return false; }
    /// Returns whether reading a part costs less than reading the whole object. Throws
    /// Error{offsite}, Error{cancelled}.
    virtual bool reads_parts(const std::stop_token&) { return true; }
    /// Fetches a whole object into a new file.
    /// \return the object's digest
    virtual Digest fetch(const std::string& name, Bytes size, const std::filesystem::path& file,
                         std::stop_token stop) = 0;
    /// Returns the remote itself; null for staging.
    virtual offsite::Remote* remote() { return nullptr; }
};

/// Returns staging as a place.
/// \param scratch directory for fetched files
std::unique_ptr<Place> place_of_staging(const config::Config& config,
                                        const std::filesystem::path& scratch);

/// How a remote is read.
struct ReadingOfRemote {
    std::optional<Bytes> bandwidth{};  ///< bytes per second; nullopt: the configured limit
    /// Reads all bytes, even if the remote's own hash would prove the same.
    bool whole = false;
};
/// Returns a remote as a place.
/// \param scratch directory for fetched files
std::unique_ptr<Place> place_of_remote(const config::Config& config, const config::Remote& entry,
                                       const std::filesystem::path& scratch,
                                       const ReadingOfRemote& how = {});
/// Returns an existing remote as a place, for tests.
std::unique_ptr<Place> place_of_remote(const config::Config& config,
                                       std::unique_ptr<offsite::Remote> remote,
                                       std::unique_ptr<restore::SetSource> sets,
                                       const ReadingOfRemote& how = {});

/// Returns what a place has to have for these sets, according to their manifests at that place.
/// Throws Error{offsite}, Error{staging}, Error{cancelled}.
Inventory inventory_of(Place& place, const std::vector<std::string>& sets,
                       const std::stop_token& stop);

}  // namespace mastobak::scrub
