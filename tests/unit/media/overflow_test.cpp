// SPDX-License-Identifier: GPL-3.0-or-later
//
// A limited queue of the kernel, unlike that of make_journal_group().
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include <fstream>

#include "journal_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using test::JournalledTree;

namespace {

/// Like make_journal_group(), but without FAN_UNLIMITED_QUEUE.
UniqueFd make_limited_group(const std::filesystem::path& root) {
    UniqueFd group(::fanotify_init(
        FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY));
    REQUIRE(group);
    REQUIRE(::fanotify_mark(group.get(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
                            FAN_CREATE | FAN_DELETE | FAN_ONDIR, AT_FDCWD, root.c_str()) == 0);
    return group;
}

/// Returns the limit for each new group. Source: fanotify(7),
/// /proc/sys/fs/fanotify/max_queued_events.
int queue_length() {
    int length = 0;
    std::ifstream("/proc/sys/fs/fanotify/max_queued_events") >> length;
    return length;
}

void make_file(const std::filesystem::path& path) {
    const UniqueFd file(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    REQUIRE(file);
}

}  // namespace

TEST_CASE("a kernel's queue that has overflowed is a gap once, and what comes after it is told") {
    const JournalledTree tree;
    media::ChangeJournal journal(make_limited_group(tree.root()), tree.root(), {}, 1'000'000);
    CHECK(journal.take().gap == "the journal is new");
    const auto length = queue_length();
    REQUIRE(length > 0);
    for (int i = 0; i <= length; ++i) make_file(tree / fmt::format("{}", i));
    CHECK(journal.take().gap == "the kernel's queue overflowed");
    make_file(tree / "later");
    const auto changes = journal.take();
    CHECK(changes.gap == "");
    CHECK(changes.paths.contains("later"));
}
