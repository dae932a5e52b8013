// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/journal/journal_reader.hpp"

#include <fcntl.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mastobak::media {
namespace {

constexpr std::size_t event_block = 256 * 1024;
constexpr std::string_view unreadable = "an event of the kernel could not be read";

/// The kernel aligns events to four bytes only, so they are copied out.
template <typename T>
T copy_of(const char* bytes) {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

/// Parses the data after the metadata of an event: a directory's handle and a name.
/// Source: fanotify(7).
JournalEvent dissect(std::uint64_t what, std::string_view info) {
    constexpr auto handle_at = offsetof(fanotify_event_info_fid, handle);
    constexpr auto bytes_at = handle_at + offsetof(file_handle, f_handle);
    const JournalEvent failure{.lost = unreadable};
    if (info.size() < bytes_at) return failure;
    const auto header = copy_of<fanotify_event_info_header>(info.data());
    if (header.info_type != FAN_EVENT_INFO_TYPE_DFID_NAME || header.len > info.size())
        return failure;
    const auto name_at = bytes_at + copy_of<unsigned>(info.data() + handle_at);
    if (name_at >= header.len) return failure;
    const auto* name = info.data() + name_at;
    const auto length = ::strnlen(name, header.len - name_at);
    return {.what = what,
            .directory = info.substr(handle_at, name_at - handle_at),
            .name = {name, length},
            .lost = {}};
}

}  // namespace

JournalReader::JournalReader(int group) : group_(group), block_(event_block) {}

std::optional<JournalEvent> JournalReader::next() {
    if (next_ == end_) {
        ssize_t n = 0;
        do n = ::read(group_, block_.data(), block_.size());
        while (n < 0 && errno == EINTR);
        failed_ = n < 0 && errno != EAGAIN && !failed_;
        if (failed_) return JournalEvent{.lost = "the kernel's change events could not be read"};
        next_ = 0;
        end_ = n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    if (next_ == end_) return std::nullopt;
    return parse();
}

std::optional<JournalEvent> JournalReader::parse() {
    fanotify_event_metadata event{};
    const auto left = end_ - next_;
    const bool whole = left >= sizeof event;
    if (whole) event = copy_of<fanotify_event_metadata>(block_.data() + next_);
    if (!whole || event.event_len < sizeof event || event.event_len > left ||
        event.vers != FANOTIFY_METADATA_VERSION) {
        next_ = end_;  // the beginning of the next event is unknown
        return JournalEvent{.lost = unreadable};
    }
    const std::string_view all(block_.data() + next_, event.event_len);
    next_ += event.event_len;
    if (event.mask & FAN_Q_OVERFLOW) return JournalEvent{.lost = "the kernel's queue overflowed"};
    return dissect(event.mask, all.substr(event.metadata_len));
}

}  // namespace mastobak::media
