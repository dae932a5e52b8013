// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/reconcile.hpp"

#include <filesystem>

#include "fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using store::ReconciledColumn;
using test::in_all;
using test::Instance;
using test::original_of;
using Lines = std::vector<std::string>;

namespace {

/// Makes an instance with this many attachments, whose IDs have all lengths.
constexpr auto ids = {"1",
                      "2",
                      "1000000",
                      "999999999",
                      "1000000000",
                      "1000000000005",
                      "112345678901234567",
                      "112345678901234568"};

void make(Instance& instance) {
    for (const auto* id : ids) instance.attach(id);
    instance.make_index();
}

}  // namespace

TEST_CASE("an instance with all of its files has no warnings") {
    Instance instance;
    make(instance);
    const auto result = instance.reconcile();
    CHECK(result.counts.done);
    CHECK(in_all(result, &ReconciledColumn::rows) == ids.size());
    CHECK(in_all(result, &ReconciledColumn::files) == ids.size());
    CHECK(result.warnings.empty());
    CHECK_FALSE(result.missing_list);
    CHECK(instance.listed().empty());
    CHECK(result.counts.notes.empty());
}

TEST_CASE("a file that was never there is a warning, and a line in the list") {
    Instance instance;
    make(instance);
    instance.remove(original_of("1000000000"));
    instance.make_index();
    const auto result = instance.reconcile();
    CHECK(in_all(result, &ReconciledColumn::missing) == 1);
    CHECK(result.warnings ==
          Lines{"1 file that the database names does not exist, and did not "
                "before this backup: see '" +
                instance.options.missing_list.filename().native() + "' in the set, ignoring"});
    CHECK(instance.listed() ==
          Lines{"missing\tmedia_attachments.file\t1000000000\t8\t-\t" + original_of("1000000000")});
    REQUIRE(result.missing_list);
    CHECK(result.missing_list->size.count ==
          std::filesystem::file_size(instance.options.missing_list));
}

TEST_CASE("what is new since the set before is counted, and found there") {
    Instance instance;
    make(instance);
    const auto whole = instance.options.index;
    instance.options.before = backup::ReconciledBefore{"20261121T030000Z", whole, "/nowhere/list"};
    instance.remove(original_of("2"));
    instance.make_index();
    auto warning = instance.reconcile().warnings.at(0);
    CHECK(warning.find("; 1 new since set 20261121T030000Z: see '") != warning.npos);
    CHECK(warning.ends_with("; hint: mastobak extract 20261121T030000Z '" + original_of("2") +
                            "' gets it back"));
    // The next backup compares its list with this one.
    instance.options.before->missing_list = instance.options.missing_list;
    warning = instance.reconcile().warnings.at(0);
    CHECK(warning.find("; none new since set") != warning.npos);
    CHECK(warning.find("hint") == warning.npos);
    // A file that the previous set does not contain either cannot be restored, so there is no hint.
    instance.sql(
        "INSERT INTO media_attachments (id, file_file_name, file_content_type, created_at, "
        "updated_at) VALUES (77, '77.mp3', 'audio/mpeg', now(), now())");
    warning = instance.reconcile().warnings.at(0);
    CHECK(warning.starts_with("2 files that the database names do not exist"));
    CHECK(warning.find("; 1 new since set") != warning.npos);
    CHECK(warning.find("hint") == warning.npos);
}

TEST_CASE("what is acknowledged is listed and counted, and not warned of until there is more") {
    Instance instance;
    make(instance);
    instance.remove(original_of("2"));
    instance.sql("UPDATE media_attachments SET file_file_size = 7 WHERE id = 1");
    instance.make_index();
    auto result = instance.reconcile();
    CHECK(result.warnings.size() == 1);  // one for both problems
    CHECK(result.acknowledged == 0);
    instance.options.acknowledged = instance.options.missing_list;
    result = instance.reconcile();
    CHECK(result.warnings == Lines{});
    CHECK(result.acknowledged == 2);
    CHECK(instance.listed().size() == 2);
    CHECK(in_all(result, &ReconciledColumn::missing) == 1);
    // Another missing file, and one that had another size and is now missing.
    instance.remove(original_of("1"));
    instance.remove(original_of("1000000000"));
    instance.make_index();
    result = instance.reconcile();
    REQUIRE(result.warnings.size() == 1);
    CHECK(result.warnings[0].starts_with("2 files that the database names do not exist"));
    CHECK(result.warnings[0].find("; 1 acknowledged: see ") != std::string::npos);
}

TEST_CASE("a file that is on disk since before the instant, and not in the index, fails the run") {
    Instance instance;
    make(instance);
    instance.forget(original_of("2"));
    const auto error = instance.fails();
    CHECK(error.code() == Errc::media);
    CHECK(error.text().find("1 file that it names was on disk at") != std::string::npos);
    CHECK(error.text().find("'" + original_of("2") + "'") != std::string::npos);
    CHECK_FALSE(error.hint().empty());
}

TEST_CASE("all that was lost is counted, and the first paths are named") {
    Instance instance;
    make(instance);
    for (const auto* id : ids) instance.forget(original_of(id));
    const auto text = instance.fails().text();
    CHECK(text.find("8 files") != std::string::npos);
    CHECK(text.find("and 3 more") != std::string::npos);
}

TEST_CASE("a file that is gone from a directory that changed since the instant is told apart") {
    Instance instance;
    instance.options.live = GENERATE(true, false);
    make(instance);
    instance.options.instant = SystemClock().now() - std::chrono::hours(1);
    instance.remove(original_of("1"));
    instance.remove("media_attachments/files/999");
    instance.make_index();
    const auto result = instance.reconcile();
    CHECK(in_all(result, &ReconciledColumn::missing) == 0);
    CHECK(in_all(result, &ReconciledColumn::unclear) == 2);
    REQUIRE(result.warnings.size() == 1);
    const bool vanished = result.warnings[0].find("vanished during this live") != std::string::npos;
    CHECK(vanished == instance.options.live);
    CHECK(instance.listed().at(0).starts_with("unclear\t"));
}

TEST_CASE("a file that came after the instant is not lost by us") {
    Instance instance;
    make(instance);
    instance.options.instant = SystemClock().now() - std::chrono::hours(1);
    instance.forget(original_of("2"));
    CHECK(in_all(instance.reconcile(), &ReconciledColumn::unclear) == 1);
}

TEST_CASE("a size that only the row differs in is a warning") {
    Instance instance;
    make(instance);
    instance.sql("UPDATE media_attachments SET file_file_size = 7 WHERE id = 2");
    const auto result = instance.reconcile();
    CHECK(in_all(result, &ReconciledColumn::other_size) == 1);
    CHECK(result.warnings.size() == 1);
    CHECK(instance.listed() == Lines{"size\tmedia_attachments.file\t2\t7\t8\t" + original_of("2")});
}

TEST_CASE("rows without a size, or with 0, are compared by path alone") {
    Instance instance;
    make(instance);
    instance.sql(
        "UPDATE media_attachments SET file_file_size = NULL WHERE id = 1;"
        "UPDATE media_attachments SET file_file_size = 0 WHERE id = 2");
    CHECK(instance.reconcile().warnings.empty());
}

TEST_CASE("a size that the index alone has fails the run") {
    Instance instance;
    make(instance);
    instance.change(original_of("2"), [](media::Entry& entry) { entry.size = 4; });
    CHECK(instance.fails().text().find(original_of("2")) != std::string::npos);
}

TEST_CASE("a directory in a file's place is not the file, a symlink is all that there was") {
    Instance instance;
    make(instance);
    instance.remove(original_of("1"));
    instance.write(original_of("1") + "/inside");
    instance.remove(original_of("2"));
    std::filesystem::create_symlink("elsewhere", instance.options.media_root / original_of("2"));
    instance.make_index();
    const auto result = instance.reconcile();
    CHECK(in_all(result, &ReconciledColumn::missing) == 1);
    CHECK(instance.listed().size() == 1);
}

TEST_CASE("a directory that is a symlink is not backed up, and fails the run") {
    Instance instance;
    make(instance);
    const auto files = instance.options.media_root / "media_attachments/files";
    const auto elsewhere = instance.options.index.whole.parent_path() / "elsewhere";
    std::filesystem::rename(files, elsewhere);
    std::filesystem::create_symlink(elsewhere, files);
    instance.make_index();
    CHECK(instance.fails().hint().find("symlink") != std::string::npos);
}

TEST_CASE("what cannot be a path in the media is missing") {
    Instance instance;
    make(instance);
    instance.sql(
        "UPDATE media_attachments SET file_file_name = '../../../../../../../etc/passwd' "
        "WHERE id = 1");
    CHECK(in_all(instance.reconcile(), &ReconciledColumn::missing) == 1);
}

TEST_CASE("a damaged index is noticed, whatever the rows are") {
    Instance instance;
    instance.make_index();
    const auto& index = instance.options.index.whole;
    std::filesystem::resize_file(index, std::filesystem::file_size(index) / 2);
    CHECK(instance.fails().code() == Errc::corrupt);
}
