// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mastobak::media {

/// One event of a fanotify group. The views are valid until the next event is read.
struct JournalEvent {
    std::uint64_t what = 0;        ///< FAN_CREATE, …; several where the kernel has merged events
    std::string_view directory{};  ///< its struct file_handle
    std::string_view name{};       ///< name in the directory; "." for the directory itself
    std::string_view lost{};       ///< why events were lost; empty in an ordinary event
};

/// Reads the events of a fanotify group.
class JournalReader {
 public:
    /// \param group made with FAN_REPORT_DFID_NAME and FAN_NONBLOCK; has to outlive this object
    explicit JournalReader(int group);

    /// Returns the next event; nullopt when none is pending. A read error is returned as an event
    /// with `lost`; the call after it returns nullopt, so that a loop over the events ends.
    std::optional<JournalEvent> next();

 private:
    std::optional<JournalEvent> parse();

    const int group_;
    std::vector<char> block_;
    std::size_t next_ = 0;
    std::size_t end_ = 0;
    bool failed_ = false;
};

}  // namespace mastobak::media
