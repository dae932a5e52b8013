// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mastobak::media {

/// One thing that a fanotify group tells; views are valid until the next one is read.
struct JournalEvent {
    std::uint64_t what = 0;        ///< FAN_CREATE, …; several where the kernel has merged events
    std::string_view directory{};  ///< its struct file_handle
    std::string_view name{};       ///< in it; "." for the directory itself
    std::string_view lost{};       ///< why there is nothing but the loss of events; else empty
};

/// Reads the events of a fanotify group.
class JournalReader {
 public:
    /// \param group made with FAN_REPORT_DFID_NAME and FAN_NONBLOCK; outlives it
    explicit JournalReader(int group);

    /// Nothing when there are no more for now. A failure to read is told once, then nothing.
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
