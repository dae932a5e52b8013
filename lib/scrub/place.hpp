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
#include "core/crypto/sha256.hpp"
#include "media/read/rate_limit.hpp"
#include "offsite/remote.hpp"
#include "restore/source/set_source.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::scrub {

/// An object that sets need: size and digest as published.
struct Wanted {
    Bytes size;
    Digest sha256;
    std::vector<std::string> sets{};  ///< that need it, oldest first
};

/// What a place has to have.
struct Inventory {
    std::map<std::string, Wanted> objects;
    /// Sets whose own description is damaged, and how: nothing is known of their objects.
    std::map<std::string, std::string> damaged_sets;
    std::vector<std::string> foreign;  ///< sets that this host has not signed: not looked at
    std::vector<std::string> sets;     ///< all that are listed, oldest first
};

/// What came out of looking at an object.
struct Finding {
    std::string problem{};  ///< "its contents changed"; empty: it is what was published
    std::string by{};       ///< "reading", "md5"
};

/// Staging or a remote, as far as its objects are read. Blocks; one thread.
class Place {
 public:
    virtual ~Place() = default;
    /// staging_place, or the name of the remote.
    virtual const std::string& id() const = 0;
    virtual restore::SetSource& sets() = 0;
    /// Names of the sets there, also of those that are not whole yet. One request.
    virtual std::vector<std::string> set_names(std::stop_token stop) = 0;
    /// The size of an object there; nothing: it is not there. Asked of the listing of its
    /// directory, which is made once. Throws Error{offsite}, Error{staging}, Error{cancelled}.
    virtual std::optional<Bytes> size_of(const std::string& name, std::stop_token stop) = 0;
    /// Reads a part, in order. Throws Error{corrupt} for what the disk does not give,
    /// Error{offsite}, Error{cancelled}.
    virtual void read(const offsite::Part& part, const offsite::TakeBlock& take,
                      std::stop_token stop) = 0;
    /// What the place itself says by reading the object's bytes in that moment; nothing: it cannot
    /// say, or what it says proves nothing.
    virtual std::optional<Finding> compare(const std::string& name, const Wanted& wanted,
                                           std::stop_token stop) = 0;
    /// Whether a pack that a set here needs is off-site alone.
    virtual bool is_away(const store::PackReference&) { return false; }
    /// Whether a set of that name is in staging, signed by this host.
    virtual bool is_ours_here(const std::string&) { return false; }
    /// Whether reading a part costs less than reading the whole.
    virtual bool reads_parts() const { return true; }
    /// Fetches a whole object into a new file. \return its digest
    virtual Digest fetch(const std::string& name, Bytes size, const std::filesystem::path& file,
                         std::stop_token stop) = 0;
    /// The remote itself; null: staging.
    virtual offsite::Remote* remote() { return nullptr; }
};

std::unique_ptr<Place> place_of_staging(const config::Config& config,
                                        const std::filesystem::path& scratch);

/// How a remote is read.
struct ReadingOfRemote {
    std::optional<Bytes> bandwidth{};  ///< a second; nothing: that of its configuration
    bool whole = false;                ///< also where its hash would prove the same
};
std::unique_ptr<Place> place_of_remote(const config::Config& config, const config::Remote& entry,
                                       const std::filesystem::path& scratch,
                                       const ReadingOfRemote& how = {});
/// The same of a remote that is there already: for tests.
std::unique_ptr<Place> place_of_remote(const config::Config& config,
                                       std::unique_ptr<offsite::Remote> remote,
                                       std::unique_ptr<restore::SetSource> sets,
                                       const ReadingOfRemote& how = {});

/// What a place has to have for these sets, by their manifests there.
/// Throws Error{offsite}, Error{staging}, Error{cancelled}.
Inventory inventory_of(Place& place, const std::vector<std::string>& sets,
                       const std::stop_token& stop);

}  // namespace mastobak::scrub
