// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>

namespace mastobak::containers {

/// Separates the output of a program in a container from its errors, in constant memory. Both
/// arrive in frames: 8 bytes with the kind and the size of what follows. They are untrusted input.
/// Source: Docker Engine API, version 1.41, "Attach to a container", stream format
class Frames {
 public:
    using Sink = std::function<void(std::span<const std::byte>)>;
    static constexpr std::size_t head_size = 8;
    /// Engines send at most 64 KiB at once.
    static constexpr std::size_t largest = std::size_t{16} << 20;
    enum Kind : unsigned char { input = 0, output = 1, errors = 2 };

    Frames(Sink on_output, Sink on_errors)
        : on_output_(std::move(on_output)), on_errors_(std::move(on_errors)) {}

    /// Takes the next part of the stream, of any size.
    /// Throws Error{units} for a frame of an unknown kind, or of more than 16 MiB; the exceptions of
    /// the sinks.
    void feed(std::span<const std::byte> block);
    /// Throws Error{units} when the stream has ended within a frame.
    void finish() const;

 private:
    void begin_frame();

    const Sink on_output_, on_errors_;
    std::array<std::byte, head_size> head_{};
    std::size_t in_head_ = 0;  ///< how much of the head is there
    std::size_t left_ = 0;     ///< how much of the current frame is to come
    Kind kind_ = output;
};

/// Returns the head of a frame.
/// \param size at most Frames::largest
std::string frame_head(Frames::Kind kind, std::size_t size);

}  // namespace mastobak::containers
