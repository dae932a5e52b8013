// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/stall_watch.hpp"

#include <fmt/format.h>

namespace mastobak::offsite {

void StallWatch::sent(Bytes bytes) {
    const auto now = std::chrono::steady_clock::now();
    if (bytes != last_) {
        last_ = bytes;
        since_ = now;
        if (progress_) progress_(bytes);
        return;
    }
    if (now - since_ > limit_)
        throw Error(Errc::offsite,
                    fmt::format("the upload has not advanced for {} after {}", to_text(limit_),
                                to_string(bytes)),
                    "check the connection and 'bandwidth'; it will be tried again");
}

}  // namespace mastobak::offsite
