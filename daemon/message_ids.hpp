// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "core/error.hpp"

/// The entries of the journal's catalog, which `journalctl -x` shows:
/// packaging/mastobak.catalog.
namespace mastobak::daemon {

/// An entry of the catalog.
struct MessageId {
    std::string_view event;  ///< the field MASTOBAK_EVENT
    std::string_view id;     ///< the field MESSAGE_ID, which never changes
};

/// The MESSAGE_ID of a run that has failed, for each code, in the order of error_kinds.
inline constexpr std::array<std::string_view, error_kinds.size()> failed_run_ids{
    "a55e52ab711f451895e78300b7c5e6fa",  // internal
    "8c2bf849b952451ea72d92dd956c7597",  // usage
    "64005f4b59a34a4d93de2d5e615a206f",  // config
    "926f461513914edda183dc56abd3f361",  // busy
    "f7334c2223054b3c858d1322cdbc4ff2",  // cancelled
    "5a55bb16d7ce4e7ea45dce1086ca9779",  // environment
    "1c9d6b4f2f6a4f3996116ab4c1aac867",  // units
    "79006a883d3444728360fd10d9cc16ee",  // database
    "bf554331b5fe43f4be12d46928601503",  // media
    "81a89b84a6a84b008bc769d2cef38b7e",  // staging
    "d0374469a9d2496b9cc776f6683ef209",  // corrupt
    "7a6f7b51bcce4cd18589dd5495f7584c",  // offsite
    "23b374b73f674d03b3b6fa21de417ab3",  // unavailable
    "a0fc7542ceb944fda821257c1c496cf0",  // denied
    "de4179f17b8a4ec9b8fc5846f88e96f3",  // shutdown
};

constexpr MessageId failed_run(Errc code) {
    return {"run-failed", failed_run_ids.at(static_cast<std::size_t>(code))};
}

/// All other events.
namespace events {
inline constexpr MessageId daemon_started{"daemon-started", "ef9ee6f71a7f41f7b458e51b569d73b6"};
inline constexpr MessageId daemon_failed{"daemon-failed", "4f4a7c4ee06b4e428403607047f8fd7b"};
inline constexpr MessageId run_started{"run-started", "a81aaec4c3dd40da8577d753ebeaf7d5"};
inline constexpr MessageId run_succeeded{"run-succeeded", "8f52f9ee35b34640ac824f2261fb4c5b"};
inline constexpr MessageId units_down{"units-down", "aea3d5c59d234672921a8d7aee50b492"};
inline constexpr MessageId upload_finished{"upload-finished", "a73e8f40151f4316bd14b47313fa3962"};
inline constexpr MessageId upload_failed{"upload-failed", "55212609721940de86ee7076e09c7d46"};
inline constexpr MessageId drill_proven{"drill-proven", "3636f1f4af844570b9193572e05e22f7"};
inline constexpr MessageId drill_failed{"drill-failed", "c5b09bd3c03c4235a4f9e045c03c7afb"};
inline constexpr MessageId drill_not_made{"drill-not-made", "9b5e905204934364b6c64efeb6bc145c"};
inline constexpr MessageId damage_found{"damage-found", "e4f84defffc44dc18bf2c4e7609f8919"};
inline constexpr MessageId retention_failed{"retention-failed", "4381e3cf074e479d980bd75d4124bd79"};
inline constexpr MessageId staging_unusable{"staging-unusable", "295a2215ceaa48008456b2e06b387e22"};
inline constexpr MessageId staging_usable{"staging-usable", "5a1868a2433a4267ac71e297d81a3fbe"};
inline constexpr MessageId configuration_refused{"configuration-refused",
                                                 "71320dd7150645e7a63b49a087d1baf8"};

inline constexpr std::array all{
    daemon_started,  daemon_failed,    run_started,      run_succeeded,  units_down,
    upload_finished, upload_failed,    drill_proven,     drill_failed,   drill_not_made,
    damage_found,    retention_failed, staging_unusable, staging_usable, configuration_refused};
}  // namespace events

}  // namespace mastobak::daemon
