// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/pack_place.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "store/pack_record.hpp"

namespace mastobak::store {

PackPlace moved(const std::string& pack, PackPlace from, PackEvent event) {
    const auto to = place_after(from, event);
    if (!to)
        throw Error(Errc::internal,
                    fmt::format("the pack '{}' cannot be moved: event {} at place {}", pack,
                                static_cast<int>(event), static_cast<int>(from)));
    return *to;
}

std::filesystem::path file_at(const Staging& staging, PackPlace place, const std::string& pack) {
    switch (place) {
        case PackPlace::unfinished:
            return staging.unfinished() / pack;
        case PackPlace::unfinished_off_site:
            return record_file(staging.unfinished(), pack);
        case PackPlace::here:
            return staging.shared(pack);
        case PackPlace::off_site:
            return record_file(staging.away(), pack);
        case PackPlace::absent:
        case PackPlace::being_made:
            break;
    }
    throw Error(Errc::internal, fmt::format("the pack '{}' has no file there", pack));
}

}  // namespace mastobak::store
