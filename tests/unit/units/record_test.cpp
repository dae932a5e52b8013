// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/record.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using Names = std::vector<std::string>;

TEST_CASE("a record gives back the names in their order") {
    const test::TemporaryDirectory directory;
    const units::Record record(directory / "run/stopped-units");
    CHECK(record.read().empty());
    const Names names{"mastodon-web.service", "mastodon-streaming@4000.service",
                      "mastodon-x\\x2dy.service"};
    record.write(names);
    CHECK(record.read() == names);
    record.write({"a.service"});
    CHECK(record.read() == Names{"a.service"});
    record.remove();
    CHECK(record.read().empty());
    CHECK_FALSE(std::filesystem::exists(record.file()));
    record.remove();
}

TEST_CASE("lines that are not names of units are left out of a record") {
    const test::TemporaryDirectory directory;
    test::write(directory / "record", "a.service\n\n../b.service\n.service\nno type\nc.service");
    CHECK(units::Record(directory / "record").read() == Names{"a.service", "c.service"});
}

TEST_CASE("a record has containers beside units") {
    const test::TemporaryDirectory directory;
    const Names names{"mastodon-web.service", "mastodon/sidekiq/2.container"};
    const units::Record record(directory / "record");
    record.write(names);
    CHECK(record.read() == names);
    test::write(directory / "record", "a/b/1.container\na/../1.container\na/b.container\n");
    CHECK(record.read() == Names{"a/b/1.container"});
}

TEST_CASE("the containers of a record survive a reboot, its units do not") {
    const test::TemporaryDirectory directory;
    const units::Record record(directory / "run/record", directory / "state/containers");
    const Names names{"mastodon-web.service", "m/web/1.container", "m/sidekiq/1.container"};
    record.write(names);
    CHECK(record.read() == names);
    std::filesystem::remove_all(directory / "run");
    CHECK(record.read() == Names{"m/web/1.container", "m/sidekiq/1.container"});
    // What was started since is not in the first file any more, and not in the second one.
    record.write({"m/web/1.container"});
    std::filesystem::remove_all(directory / "run");
    CHECK(record.read() == Names{"m/web/1.container"});
    record.write({"mastodon-web.service"});
    CHECK_FALSE(std::filesystem::exists(directory / "state/containers"));
    record.write(names);
    record.remove();
    CHECK(record.read().empty());
    std::filesystem::remove_all(directory / "run");
    CHECK(record.read().empty());
}

TEST_CASE("a record that cannot be written is an error") {
    const test::TemporaryDirectory directory;
    test::write(directory / "file", "");
    const units::Record record(directory / "file/below/record");
    CHECK_THROWS_AS(record.write({"a.service"}), Error);
}

namespace {

void give_to_nobody(const std::filesystem::path& path) {
    REQUIRE(::lchown(path.c_str(), 65534, 65534) == 0);
}

}  // namespace

TEST_CASE("root starts by another user's record what the configuration names, and keeps the rest") {
    const test::TemporaryDirectory directory;
    std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
    std::filesystem::create_directory(directory / "run");
    give_to_nobody(directory / "run");
    const units::Record record(directory / "run/record");
    record.write({"mastodon-web.service", "sshd.service"});
    struct stat status {};
    REQUIRE(::stat(record.file().c_str(), &status) == 0);
    CHECK(status.st_uid == 65534);  // the daemon owns it, even if root wrote it
    const Names patterns{"mastodon-*.service"};
    CHECK(record.read(patterns) == Names{"mastodon-web.service"});
    CHECK(record.read_foreign(patterns) == Names{"sshd.service"});
    CHECK(record.read().size() == 2);
}

TEST_CASE("a FIFO, a link, a second name or a huge file in the place of a record is refused") {
    const test::TemporaryDirectory directory;
    test::write(directory / "other", "a.service\n");
    const auto file = directory / "record";
    SECTION("FIFO") {
        REQUIRE(::mkfifo(file.c_str(), 0666) == 0);
        REQUIRE(::mkfifo((file.native() + ".tmp").c_str(), 0666) == 0);
        // A FIFO with the name of the temporary file does not block the writer.
        units::Record(directory / "other").write({"b.service"});
    }
    SECTION("symlink") {
        std::filesystem::create_symlink("other", file);
    }
    SECTION("second name") {
        std::filesystem::create_hard_link(directory / "other", file);
    }
    SECTION("huge") {
        test::write(file, std::string(100'000, 'x'));
    }
    CHECK_THROWS_AS(units::Record(file).read(), Error);
    units::Record(file).write({"c.service"});
    CHECK(units::Record(file).read() == Names{"c.service"});
}
