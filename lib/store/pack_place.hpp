// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>

#include "store/staging.hpp"

namespace mastobak::store {

/// Where a pack is. Only the function moved() decides where it may go next.
enum class PackPlace {
    absent,               ///< neither in staging nor recorded there
    being_made,           ///< partial/SET-media/PACK: the run that makes it may still fail
    unfinished,           ///< unfinished/PACK, with its record: complete, but no set needs it yet
    unfinished_off_site,  ///< unfinished/PACK.json: the same, but only the remotes have it
    here,                 ///< media/PACK: published
    off_site,             ///< away/PACK.json: published, but only the remotes have it
};

/// What happens to a pack.
enum class PackEvent {
    kept,       ///< it is complete and kept for the next run, in case this one fails
    published,  ///< a set that needs it is published
    evicted,    ///< it was verified at the remotes and is removed here
    adopted,    ///< a set that needs it was fetched from a remote
    removed,    ///< it is damaged, or neither a set nor a run needs it
};

struct PackMove {
    PackPlace from;
    PackEvent event;
    PackPlace to;
};

/// All that can happen to a pack.
inline constexpr std::array pack_moves{
    PackMove{PackPlace::being_made, PackEvent::kept, PackPlace::unfinished},
    PackMove{PackPlace::being_made, PackEvent::published, PackPlace::here},
    PackMove{PackPlace::unfinished, PackEvent::evicted, PackPlace::unfinished_off_site},
    PackMove{PackPlace::unfinished, PackEvent::published, PackPlace::here},
    PackMove{PackPlace::unfinished, PackEvent::removed, PackPlace::absent},
    PackMove{PackPlace::unfinished_off_site, PackEvent::published, PackPlace::off_site},
    PackMove{PackPlace::unfinished_off_site, PackEvent::removed, PackPlace::absent},
    PackMove{PackPlace::here, PackEvent::published, PackPlace::here},
    PackMove{PackPlace::here, PackEvent::evicted, PackPlace::off_site},
    PackMove{PackPlace::here, PackEvent::removed, PackPlace::absent},
    PackMove{PackPlace::off_site, PackEvent::published, PackPlace::off_site},
    PackMove{PackPlace::off_site, PackEvent::removed, PackPlace::absent},
    PackMove{PackPlace::absent, PackEvent::adopted, PackPlace::off_site},
};

/// Returns where a pack is after the event; nullopt when the event cannot happen to it.
constexpr std::optional<PackPlace> place_after(PackPlace from, PackEvent event) {
    for (const auto& move : pack_moves)
        if (move.from == from && move.event == event) return move.to;
    return std::nullopt;
}

/// Does the same for a change that is being made. Throws Error{internal} when it cannot happen.
PackPlace moved(const std::string& pack, PackPlace from, PackEvent event);

/// Returns whether only the remotes have the pack.
constexpr bool is_off_site(PackPlace place) {
    return place == PackPlace::unfinished_off_site || place == PackPlace::off_site;
}

/// Returns the file that puts the pack at a place: the pack, or its record if it is off-site only.
/// \param place not `absent` or `being_made`
std::filesystem::path file_at(const Staging& staging, PackPlace place, const std::string& pack);

}  // namespace mastobak::store
