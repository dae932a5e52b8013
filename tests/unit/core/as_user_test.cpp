// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/as_user.hpp"

#include <unistd.h>

#include <stdexcept>

#include "core/error.hpp"
#include "core/process.hpp"
#include "support/catch.hpp"

using namespace mastobak;

TEST_CASE("work is another user's, with its children, and nothing else is") {
    std::string child;
    run_as_user("nobody", [&child] {
        child = run({.argv = {"id", "-un"}}).output + run({.argv = {"id", "-Gn"}}).output;
    });
    CHECK(child == "nobody\nnogroup\n");
    CHECK(::geteuid() == 0);
    CHECK(run({.argv = {"id", "-un"}}).output == "root\n");
}

TEST_CASE("what fails as another user, and a user that is not there, are told") {
    CHECK_THROWS_AS(run_as_user("nobody", [] { throw std::logic_error("x"); }), std::logic_error);
    try {
        run_as_user("no such user", [] {});
        FAIL("it was somebody");
    } catch (const Error& error) {
        CHECK(error.text() == "there is no user 'no such user' on this host");
    }
}
