// SPDX-License-Identifier: GPL-3.0-or-later
#include "journal_fixture.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;
namespace {

fs::path make_base() {
    std::string pattern = "/var/tmp/mastobak-journal-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    return pattern;
}

fs::path make_root(const fs::path& base) {
    fs::create_directory(base / "tree");
    return base / "tree";
}

}  // namespace

JournalledTree::JournalledTree(std::vector<std::string> excluded, std::size_t limit)
    : base_(make_base()),
      root_(make_root(base_)),
      journal(media::make_journal_group(root_), root_, std::move(excluded), limit) {
    REQUIRE(gap() == "the journal is new");
}

JournalledTree::~JournalledTree() {
    fs::remove_all(base_);
}

std::vector<std::string> JournalledTree::changed() {
    const auto changes = journal.take();
    CHECK(changes.gap == "");
    return {changes.paths.begin(), changes.paths.end()};
}

std::string JournalledTree::gap() {
    return journal.take().gap;
}

media::ChangeJournal JournalledTree::another(std::vector<std::string> excluded) const {
    return {UniqueFd(::fcntl(journal.fd(), F_DUPFD_CLOEXEC, 0)), root_, std::move(excluded)};
}

std::map<std::string, std::string> JournalledTree::look() const {
    std::map<std::string, std::string> seen;
    for (const auto& item : fs::recursive_directory_iterator(root_)) {
        struct stat status {};
        REQUIRE(::lstat(item.path().c_str(), &status) == 0);
        seen[item.path().lexically_relative(root_)] =
            fmt::format("{} {:o} {} {}.{} {}.{}", status.st_ino, status.st_mode, status.st_size,
                        status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
                        status.st_ctim.tv_nsec);
    }
    return seen;
}

}  // namespace mastobak::test
