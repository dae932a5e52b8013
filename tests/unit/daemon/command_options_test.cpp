// SPDX-License-Identifier: GPL-3.0-or-later
// The meaning of options that are not given. A library may have another default.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "daemon/commands/sets/verify.hpp"
#include "daemon/restores/restore_options.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::daemon;

namespace {

using Members = std::map<std::string, std::string>;

std::string text(const std::optional<bool>& value) {
    return !value ? "not said" : *value ? "yes" : "no";
}

Members restore_of(const std::string& words) {
    CLI::App app;
    RestoreRequest request;
    Options options;
    add_options(app, options, request);
    app.parse(words);
    return {{"set", request.set},
            {"before", request.before},
            {"from", request.from},
            {"database", text(request.database)},
            {"media", text(request.media)},
            {"config_files", text(request.config_files)},
            {"database_name", request.database_name},
            {"database_url", request.database_url},
            {"passfile", request.passfile},
            {"media_paths", fmt::format("{}", fmt::join(request.media_paths, "|"))},
            {"to", request.to},
            {"in_place", text(request.in_place)},
            {"force", text(request.force)},
            {"yes", text(request.yes)},
            {"replace", text(request.replace)},
            {"repair", text(request.repair)},
            {"owner", request.owner},
            {"plan", text(request.plan)},
            {"unsigned_too", text(request.unsigned_too)}};
}

Members verify_of(const std::string& words) {
    CLI::App app;
    VerifyRequest request;
    Options options;
    add_options(app, options, request);
    app.parse(words);
    return {{"sets", fmt::format("{}", fmt::join(request.sets, "|"))},
            {"all", text(request.all)},
            {"from", request.from},
            {"whole", text(request.whole)},
            {"bandwidth", request.bandwidth ? to_string(*request.bandwidth) : "not said"}};
}

/// Returns the members that differ from a request without options.
Members differences(const Members& given, const Members& none) {
    Members result;
    for (const auto& [name, value] : given)
        if (value != none.at(name)) result[name] = value;
    return result;
}

}  // namespace

TEST_CASE("without an option, restore does what the manual says") {
    const auto none = restore_of("");
    CHECK(none.at("set") == "latest");
    CHECK(none.at("repair") == "not said");
    for (const auto* name : {"database", "media", "config_files", "in_place", "force", "yes",
                             "replace", "plan", "unsigned_too"}) {
        CAPTURE(name);
        CHECK(none.at(name) == "no");
    }
    for (const auto* name : {"before", "from", "database_name", "database_url", "passfile",
                             "media_paths", "to", "owner"}) {
        CAPTURE(name);
        CHECK(none.at(name).empty());
    }
}

TEST_CASE("each option of restore changes what it names, and no other") {
    const auto changed = [](const std::string& words) {
        return differences(restore_of(words), restore_of(""));
    };
    CHECK(changed("--repair-remote-media") == Members{{"repair", "yes"}});
    CHECK(changed("--no-repair-remote-media") == Members{{"repair", "no"}});
    CHECK(changed("--in-place") == Members{{"in_place", "yes"}});
    CHECK(changed("--force") == Members{{"force", "yes"}});
    CHECK(changed("--yes") == Members{{"yes", "yes"}});
    CHECK(changed("--replace") == Members{{"replace", "yes"}});
    CHECK(changed("--plan") == Members{{"plan", "yes"}});
    CHECK(changed("--unsigned") == Members{{"unsigned_too", "yes"}});
    CHECK(changed("--config-files") == Members{{"config_files", "yes"}});
    CHECK(changed("--database") == Members{{"database", "yes"}});
    CHECK(changed("--database x") == Members{{"database", "yes"}, {"database_name", "x"}});
    CHECK(changed("--media") == Members{{"media", "yes"}});
    CHECK(changed("--media a b") == Members{{"media", "yes"}, {"media_paths", "a|b"}});
    CHECK(changed("--to /x") == Members{{"to", "/x"}});
    CHECK(changed("--owner nobody") == Members{{"owner", "nobody"}});
    CHECK(changed("--before 2026-11-22") == Members{{"before", "2026-11-22"}});
    CHECK(changed("20261122T030000Z") == Members{{"set", "20261122T030000Z"}});
}

TEST_CASE("without an option, verify reads the newest set of staging") {
    const auto none = verify_of("");
    CHECK(
        none ==
        Members{
            {"sets", ""}, {"all", "no"}, {"from", ""}, {"whole", "no"}, {"bandwidth", "not said"}});
    CHECK(differences(verify_of("--all"), none) == Members{{"all", "yes"}});
    CHECK(differences(verify_of("--from disk --whole"), none) ==
          Members{{"from", "disk"}, {"whole", "yes"}});
}
