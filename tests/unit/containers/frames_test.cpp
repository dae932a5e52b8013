// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/exec/frames.hpp"

#include <span>
#include <string>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "unit/containers/frame.hpp"

using namespace mastobak;
using containers::frame_head;
using containers::Frames;

namespace {

std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// What a stream was separated into.
struct Separated {
    std::string output, errors;
    Frames frames{[this](auto part) { add(output, part); },
                  [this](auto part) { add(errors, part); }};

    static void add(std::string& to, std::span<const std::byte> part) {
        to.append(reinterpret_cast<const char*>(part.data()), part.size());
    }
};

/// Returns the error of a stream; empty: none.
std::string error_of(const std::string& stream) {
    Separated separated;
    try {
        separated.frames.feed(bytes(stream));
        separated.frames.finish();
        return {};
    } catch (const Error& error) {
        CHECK(error.code() == Errc::units);
        return error.text();
    }
}

}  // namespace

TEST_CASE("output and errors are separated, wherever the blocks end") {
    const std::string large(70'000, 'x');
    const auto stream = frame(Frames::output, "PGDMP") + frame(Frames::errors, "oh\n") +
                        frame(Frames::output, "") + frame(Frames::output, large);
    for (const std::size_t size : {1UL, 3UL, 8UL, 13UL, 4096UL, stream.size()}) {
        CAPTURE(size);
        Separated separated;
        for (std::size_t at = 0; at < stream.size(); at += size)
            separated.frames.feed(bytes(std::string_view(stream).substr(at, size)));
        separated.frames.finish();
        CHECK(separated.output == "PGDMP" + large);
        CHECK(separated.errors == "oh\n");
    }
}

TEST_CASE("a head has the kind and the size in big endian") {
    CHECK(frame_head(Frames::errors, 0x010203) == std::string("\2\0\0\0\0\1\2\3", 8));
}

TEST_CASE("a stream that has no such frames is an error") {
    CHECK(error_of("").empty());
    CHECK(error_of("HTTP/1.1 200 OK\r\n").find("has no frames") != std::string::npos);
    CHECK(error_of(std::string("\3\0\0\0\0\0\0\1x", 9)).find("has no frames") != std::string::npos);
    CHECK(error_of(std::string("\0\0\0\0\0\0\0\1x", 9)).find("has no frames") != std::string::npos);
    CHECK(error_of(std::string("\1\0\1\0\0\0\0\1x", 9)).find("has no frames") != std::string::npos);
    CHECK(error_of(std::string("\1\0\0\0\xff\xff\xff\xff", 8)).find("too large") !=
          std::string::npos);
    CHECK(error_of(std::string("\1\0\0\0\x01\0\0\1", 8)).find("too large") != std::string::npos);
    const auto whole = frame(Frames::output, "PGDMP");
    for (std::size_t size = 1; size < whole.size(); ++size)
        CHECK(error_of(whole.substr(0, size)).find("ends within a frame") != std::string::npos);
}
