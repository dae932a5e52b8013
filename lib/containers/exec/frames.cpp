// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/exec/frames.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace mastobak::containers {
namespace {

constexpr std::size_t size_at = 4;  // in the head: kind, three zeros, size in big endian

[[noreturn]] void refuse_stream(const char* why) {
    throw Error(Errc::units, std::string("the output of a program in a container ") + why,
                "is it Docker's or podman's API that listens on that socket?");
}

}  // namespace

void Frames::feed(std::span<const std::byte> block) {
    while (!block.empty()) {
        if (left_ == 0) {
            const auto taken = std::min(head_size - in_head_, block.size());
            std::copy_n(block.begin(), taken,
                        head_.begin() + static_cast<std::ptrdiff_t>(in_head_));
            in_head_ += taken;
            block = block.subspan(taken);
            if (in_head_ == head_size) begin_frame();
            continue;
        }
        const auto part = block.first(std::min(left_, block.size()));
        (kind_ == errors ? on_errors_ : on_output_)(part);
        left_ -= part.size();
        block = block.subspan(part.size());
    }
}

void Frames::begin_frame() {
    in_head_ = 0;
    const auto kind = std::to_integer<unsigned char>(head_[0]);
    const bool zeros = std::all_of(head_.begin() + 1, head_.begin() + size_at,
                                   [](std::byte byte) { return byte == std::byte{0}; });
    if ((kind != output && kind != errors) || !zeros) refuse_stream("has no frames");
    std::size_t size = 0;
    for (std::size_t i = size_at; i < head_size; ++i)
        size = size << 8 | std::to_integer<std::size_t>(head_[i]);
    if (size > largest) refuse_stream("has a frame that is too large");
    kind_ = static_cast<Kind>(kind);
    left_ = size;
}

void Frames::finish() const {
    if (in_head_ > 0 || left_ > 0) refuse_stream("ends within a frame");
}

std::string frame_head(Frames::Kind kind, std::size_t size) {
    constexpr unsigned bits = 8;
    std::string head(Frames::head_size, '\0');
    head[0] = static_cast<char>(kind);
    for (auto at = head.size(); at > size_at; size >>= bits)
        head[--at] = static_cast<char>(static_cast<unsigned char>(size));
    return head;
}

}  // namespace mastobak::containers
