// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace mastobak::test {

inline std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
}

inline std::string text(std::span<const std::byte> data) {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
}

/// Returns a sink that appends to a string. The string must outlive the sink.
inline std::function<void(std::span<const std::byte>)> sink_into(std::string& out) {
    return [&out](std::span<const std::byte> data) { out += text(data); };
}

/// Returns a source that returns a string in blocks.
inline std::function<std::span<const std::byte>()> source_of(std::string data,
                                                             std::size_t block = 1000) {
    return [data = std::make_shared<std::string>(std::move(data)), block,
            at = std::size_t{0}]() mutable {
        const auto n = std::min(block, data->size() - at);
        at += n;
        return bytes(std::string_view(*data).substr(at - n, n));
    };
}

}  // namespace mastobak::test
