// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/signify.hpp"

#include <vector>

#include "core/process/process.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

/// Debian's signify, with files in one directory.
struct Tool {
    TemporaryDirectory directory;

    bool run(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "signify-openbsd");
        return mastobak::run({.argv = arguments}).ok();
    }
    std::string path(const std::string& name) const { return (directory / name).native(); }
};

const std::string message = "1234  manifest.json\n";

}  // namespace

TEST_CASE_METHOD(Tool,
                 "the packaged signify checks what we have signed, and refuses what was changed") {
    const auto key = signify::generate();
    write(path("key.pub"), signify::to_text(key.half));
    write(path("SUMS"), message);
    write(path("SUMS.sig"), signify::sign(message, key));
    CHECK(run({"-V", "-q", "-p", path("key.pub"), "-m", path("SUMS")}));
    write(path("SUMS"), message + "x");
    CHECK_FALSE(run({"-V", "-q", "-p", path("key.pub"), "-m", path("SUMS")}));
}

TEST_CASE_METHOD(Tool, "we check what the packaged signify has signed, also with our key") {
    write(path("SUMS"), message);
    REQUIRE(run({"-G", "-n", "-p", path("its.pub"), "-s", path("its.sec")}));
    REQUIRE(run({"-S", "-s", path("its.sec"), "-m", path("SUMS"), "-x", path("SUMS.sig")}));
    const auto its = signify::parse_public_key(read(path("its.pub")));
    REQUIRE(its);
    CHECK(signify::is_signed(message, read(path("SUMS.sig")), std::vector{*its}));
    CHECK_FALSE(signify::is_signed(message + "x", read(path("SUMS.sig")), std::vector{*its}));
    const auto secret = signify::parse_secret_key(read(path("its.sec")));
    REQUIRE(secret);
    CHECK(secret->half == *its);

    const auto ours = signify::generate();
    write(path("our.sec"), signify::to_text(ours));
    REQUIRE(run({"-S", "-s", path("our.sec"), "-m", path("SUMS"), "-x", path("our.sig")}));
    CHECK(signify::is_signed(message, read(path("our.sig")), std::vector{ours.half}));
    CHECK_FALSE(signify::is_signed(message, read(path("our.sig")), std::vector{*its}));
}

TEST_CASE("what is not a key or a signature is none, whatever is in it") {
    const auto key = signify::generate();
    const auto good = signify::sign(message, key);
    const std::vector keys{key.half};
    REQUIRE(signify::is_signed(message, good, keys));
    for (std::size_t size = 0; size + 2 < good.size(); ++size)
        CHECK_FALSE(signify::is_signed(message, good.substr(0, size), keys));
    CHECK_FALSE(signify::is_signed(message, good + std::string(2000, '\n'), keys));
    CHECK_FALSE(signify::is_signed(message, "untrusted comment: ", keys));
    CHECK_FALSE(signify::is_signed(message, good, {}));
    CHECK_FALSE(signify::parse_public_key(good));
    CHECK_FALSE(signify::parse_secret_key(signify::to_text(key.half)));
    CHECK(signify::parse_public_key(signify::to_line(key.half)) == key.half);
}
