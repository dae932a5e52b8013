// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "store/formats/manifest.hpp"
#include "store/staging.hpp"

namespace mastobak::store {

/// How much of a pack sets need.
struct PackLife {
    Bytes size;
    Bytes live;    ///< members that any of the sets needs
    Bytes newest;  ///< members that the newest set needs
};

/// Computes a PackLife for each pack that any of the sets refers to, from their manifests only.
///
/// What sets need of a pack only shrinks from one set to the next, so the set that needs most of it
/// needs every member that any set needs. (The result is too low for a night in which a file was
/// missing that a later night found again in an old pack.)
/// \param manifests oldest first
std::map<std::string, PackLife> life_of_packs(const std::vector<Manifest>& manifests);

/// How much room the contents of a staging directory take.
struct Usage {
    std::size_t sets = 0;
    Bytes live;        ///< files of the sets, and the members of packs that they need
    Bytes dead;        ///< the rest of the packs
    Bytes away;        ///< packs that are off-site only; not in `live` and `dead`
    Bytes unfinished;  ///< packs of an interrupted run, for the next one
    /// Sets whose manifest cannot be read; `dead` may then be too large.
    std::vector<std::string> unreadable;

    /// How much room the next night will need, from recent nights: dump, index, new packs.
    struct {
        Bytes bytes;  ///< the most that one of the recent nights added
        /// The number of nights that were considered. With 0, there was only a first night, and
        /// `bytes` does not include its media, because all of them were new.
        std::size_t nights = 0;
    } next;
};

/// Reads manifests and sizes of files. Throws Error{staging}.
Usage measure(const Staging& staging);

/// Returns how much a night has added: the files of its set, and the packs that it made.
Bytes own_bytes(const Manifest& manifest);

}  // namespace mastobak::store
