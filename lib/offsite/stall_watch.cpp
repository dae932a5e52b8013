// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/stall_watch.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace mastobak::offsite {
namespace {
constexpr std::uint64_t least_progress = 1 << 20;
}

void StallWatch::sent(Bytes bytes) {
    const auto now = std::chrono::steady_clock::now();
    if (bytes != last_ && progress_) progress_(bytes);
    last_ = bytes;
    if (bytes < mark_ || bytes.count - mark_.count >= least_progress) {
        mark_ = bytes;
        since_ = now;
    } else if (now - since_ > limit_)
        throw Error(Errc::offsite,
                    fmt::format("the transfer has hardly advanced for {}, after {}",
                                to_text(limit_), to_string(bytes)),
                    "check the connection and 'bandwidth'; it will be tried again");
}

}  // namespace mastobak::offsite
