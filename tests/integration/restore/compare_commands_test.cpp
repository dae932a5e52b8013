// SPDX-License-Identifier: GPL-3.0-or-later
// `mastobak find` and `mastobak diff`, with two sets.

#include <fmt/format.h>

#include "core/json.hpp"
#include "core/process/process.hpp"
#include "restore_fixture.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

/// Two sets, and a copy of the first of them, as at a remote that keeps sets for longer.
struct TwoSets : RestoreFixture {
    const std::string first = set, second = "20261123T030000Z";
    const std::string id = "media_attachments/files/110/123/456/789/012/345/original/a.png";

    TwoSets() {
        fs::copy(staging.root(), directory / "remote", fs::copy_options::recursive);
        write(media / id, "new");
        write(media / "first/sparse", "other contents");
        fs::remove(media / "~");
        publish(second);
        configure(fmt::format("{{name: usb, type: directory, target: {}}}",
                              (directory / "remote").native()));
    }

    void configure(const std::string& remote) const {
        write(directory / "mastobak.yaml",
              fmt::format("staging: {{path: {}}}\nmastodon: {{directory: {}}}\noffsite: [{}]\n",
                          staging.root().native(), (directory / "live").native(), remote));
    }

    Finished mastobak(std::vector<std::string> arguments) const {
        std::vector<std::string> argv{MASTOBAK, "--config", (directory / "mastobak.yaml").native()};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        return run({.argv = argv, .environment = {{"TMPDIR", directory.path()}}});
    }

    /// Returns the lines of the documents that a command prints.
    std::vector<Json> documents(std::vector<std::string> arguments) const {
        arguments.emplace_back("--json");
        const auto finished = mastobak(std::move(arguments));
        INFO(finished.error_tail);
        REQUIRE(finished.ok());
        std::vector<Json> documents;
        std::string_view rest = finished.output;
        while (!rest.empty()) {
            documents.push_back(Json::parse(rest.substr(0, rest.find('\n'))));
            rest.remove_prefix(rest.find('\n') + 1);
        }
        return documents;
    }
};

}  // namespace

TEST_CASE_METHOD(TwoSets, "find shows which sets have a file, and its contents in each") {
    const auto changed = documents({"find", "first/spa"});
    REQUIRE(changed.size() == 2);
    CHECK(changed[0]["sets"] == Json{first});
    CHECK(changed[0]["size"] == 1 << 20);
    CHECK(changed[1]["sets"] == Json{second});
    CHECK(changed[1]["size"] == 14);

    const auto kept = documents({"find", "first/file"});
    REQUIRE(kept.size() == 1);
    CHECK(kept[0]["path"] == "first/file");
    CHECK(kept[0]["sets"] == Json{first, second});

    for (const std::string& name : std::vector<std::string>{
             "110123456789012345", "https://example.org/system/" + id + "?1", id, "original/a"}) {
        INFO(name);
        const auto found = documents({"find", name});
        REQUIRE(found.size() == 1);
        CHECK(found[0]["path"] == id);
        CHECK(found[0]["sets"] == Json{second});
    }
}

TEST_CASE_METHOD(TwoSets, "find prints names harmlessly, and reports a name that no set has") {
    const auto found = mastobak({"find", "31m"});
    CHECK(has(found.output, "\\x1b[31m"));
    CHECK_FALSE(has(found.output, "\x1b"));
    CHECK(has(found.output, "in 2 of 2 sets\n"));
    const auto none = mastobak({"find", "nothing like that"});
    CHECK(none.exit_status == 2);
    CHECK(has(none.error_tail, "none of 2 sets has 'nothing like that'"));
    CHECK(mastobak({"find", "/system/../x"}).exit_status == 2);
}

TEST_CASE_METHOD(TwoSets, "find also searches the sets that only a remote has") {
    fs::remove_all(staging.set(first));
    const auto found = documents({"find", "first/file"});
    REQUIRE(found.size() == 1);
    CHECK(found[0]["sets"] == Json{first, second});

    // A remote that is out of reach makes the answer incomplete, which the exit status says.
    configure("{name: gone, type: rsync, target: \"x@127.0.0.1:/x\", port: 1}");
    const auto part = mastobak({"find", "first/file"});
    CHECK(has(part.output, second));
    CHECK(has(part.error_tail, "not searched"));
    CHECK_FALSE(part.ok());
}

TEST_CASE_METHOD(TwoSets, "a set that cannot be searched does not hide the others") {
    write(staging.set(first) / "media.index.zst", "damaged");
    const auto found = mastobak({"find", "first/file", "--from", staging.root().native()});
    CHECK(has(found.output, second));
    CHECK(has(found.error_tail, "is not what the manifest says; not searched"));
    CHECK_FALSE(found.ok());
}

TEST_CASE_METHOD(TwoSets, "diff counts the media that differ, and lists them") {
    const auto summary = mastobak({"diff", first});
    INFO(summary.error_tail);
    REQUIRE(summary.ok());
    CHECK(has(summary.output, "sets        " + first + " -> " + second));
    CHECK(has(summary.output, "added       1 file (3 B)"));
    CHECK(has(summary.output, "removed     1 file (13 B)"));
    CHECK(has(summary.output, "changed     1 file (14 B), before 1.0 MiB"));

    const auto listed = mastobak({"diff", first, second, "--list"});
    CHECK(has(listed.output, "~       14 B first/sparse\n"));
    CHECK(has(listed.output, "+        3 B " + id));
    CHECK(has(listed.output, "-       13 B ~\n"));

    const auto lines = documents({"diff", second, first, "--list"});
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == Json{{"change", "changed"},
                           {"path", "first/sparse"},
                           {"size_before", 14},
                           {"size_after", 1 << 20}});
    CHECK(lines[3]["media"]["added"] == Json{{"files", 1}, {"bytes", 13}});
    CHECK(lines[3]["media"]["removed"] == Json{{"files", 1}, {"bytes", 3}});

    const auto same = mastobak({"diff", first, first, "--list"});
    CHECK(has(same.output, "added       0 files (0 B)"));
}

TEST_CASE_METHOD(TwoSets, "diff takes a set that only a remote has") {
    fs::remove_all(staging.set(first));
    const auto summary = mastobak({"diff", first});
    INFO(summary.error_tail);
    CHECK(summary.ok());
    CHECK(has(summary.output, "removed     1 file (13 B)"));
}
