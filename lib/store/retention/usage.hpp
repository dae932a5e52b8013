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

/// How much of a pack is of use.
struct PackLife {
    Bytes size;
    Bytes live;    ///< members that any of the sets needs
    Bytes newest;  ///< members that the newest of the sets needs
};

/// Tells that for each pack that some sets refer to, by their manifests alone.
///
/// What a set needs of a pack only shrinks from one set to the next, so the one that needs the most
/// of it needs all that is needed. (A file that was away for a night and is found in an old pack
/// again is counted too low for that night.)
/// \param manifests oldest first
std::map<std::string, PackLife> life_of_packs(const std::vector<Manifest>& manifests);

/// What is in a staging directory.
struct Usage {
    std::size_t sets = 0;
    Bytes live;        ///< files of the sets, and what they need of the packs
    Bytes dead;        ///< the rest of the packs
    Bytes away;        ///< packs that are off-site alone; not in the other two
    Bytes unfinished;  ///< packs of an interrupted run, for the next one
    std::vector<std::string>
        unreadable;  ///< sets whose manifest cannot be read; dead may be too much

    /// What the next night will take, by what recent ones took: dump, index, new packs.
    struct {
        Bytes bytes;             ///< the most that one of them took
        std::size_t nights = 0;  ///< looked at. 0: there was only a first one, whose media are left
                                 ///< out of `bytes`: all of them were new
    } next;
};

/// Looks at manifests and sizes. Throws Error{staging}.
Usage measure(const Staging& staging);

/// What a night added: the files of its set, and the packs that it made.
Bytes own_bytes(const Manifest& manifest);

}  // namespace mastobak::store
