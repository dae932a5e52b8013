// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/restore/restore_output.hpp"

#include <string_view>

#include "support/catch.hpp"

using namespace mastobak::postgres;

namespace {

const std::string_view duplicate =
    "could not execute query: ERROR:  could not create unique index \"a_pkey\"";

std::string complaint_of(std::initializer_list<std::string_view> lines) {
    const OnEntry none;
    RestoreOutput output("", none);
    for (const auto line : lines) output.take(line);
    return output.complaint();
}

}  // namespace

TEST_CASE("the first error of pg_restore is the complaint, with its entry") {
    CHECK(complaint_of({"pg_restore: creating INDEX \"public.a_pkey\"",
                        "pg_restore: from TOC entry 12; 1 2 CONSTRAINT a a_pkey mastodon",
                        "pg_restore: error: " + std::string(duplicate),
                        "pg_restore: error: a worker process died unexpectedly"}) ==
          std::string(duplicate) +
              " (at the entry '12; 1 2 CONSTRAINT a a_pkey mastodon' of the dump)");
    CHECK(complaint_of({"pg_restore: error: did not find magic string in file header"}) ==
          "did not find magic string in file header");
    CHECK(complaint_of({"pg_restore: finished item 1 TABLE error: x"}).empty());
}

TEST_CASE("an error is found where the lines of several jobs have run into each other") {
    const std::string error(duplicate);
    SECTION("the parent's line stands before the job's") {
        CHECK(complaint_of({"pg_restore: error: a worker process died unexpectedly",
                            "pg_restore: error: " + error}) == error);
    }
    SECTION("between the program's name and the space") {
        CHECK(complaint_of({"pg_restore:pg_restore: error: a worker process died unexpectedly",
                            " error: " + error}) == error);
        CHECK(complaint_of({"pg_restore:pg_restore:  launching item 4088 CONSTRAINT a a_pkey",
                            "error: " + error}) == error);
    }
    SECTION("between the program's name and the word") {
        CHECK(complaint_of({"pg_restore: pg_restore: error: a worker process died unexpectedly",
                            "error: " + error}) == error);
    }
    SECTION("between the word and the message") {
        CHECK(complaint_of(
                  {"pg_restore: error: pg_restore: error: a worker process died unexpectedly",
                   error}) == error);
        CHECK(complaint_of({"pg_restore: error: pg_restore: finished item 7 INDEX b", error}) ==
              error);
    }
    SECTION("within the line that names the entry") {
        CHECK(complaint_of({"pg_restore: error: a worker process died unexpectedly",
                            "from TOC entry 12; 1 2 CONSTRAINT a a_pkey mastodon",
                            "pg_restore: error: " + error}) ==
              error + " (at the entry '12; 1 2 CONSTRAINT a a_pkey mastodon' of the dump)");
    }
    SECTION("the parent's alone") {
        CHECK(complaint_of({"pg_restore: error: a worker process died unexpectedly"}) ==
              "a worker process died unexpectedly");
    }
}

TEST_CASE("an error is one of missing privileges only if it says so") {
    for (const auto* error : {"permission denied for schema public", "must be owner of table a",
                              "must have admin option on role \"a\"",
                              "must have privileges of the role", "role \"a\" does not exist"})
        CHECK(is_of_rights(error));
    for (const auto* error : {"each UNION query must have the same number of columns",
                              "function must have a result", "relation \"a\" does not exist"})
        CHECK_FALSE(is_of_rights(error));
}
