// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/source/partial_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <span>

#include "core/error.hpp"
#include "media/backup_tree.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/paths.hpp"
#include "media/pack/verify_packs.hpp"
#include "restore/drill/drill_parts.hpp"
#include "restore/find_media.hpp"
#include "restore/plan.hpp"
#include "restore/restore_set.hpp"
#include "restore/source/find_source.hpp"
#include "restore/source/set_source.hpp"
#include "restore_fixture.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/new_set.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/index_as.hpp"
#include "support/offsite_servers.hpp"
#include "support/s3_stand_in.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

using Parts = std::vector<media::IndexPart>;

/// A set whose index has several parts: the files of the fixture, and many that no pack contains.
struct LargeIndex : RestoreFixture {
    static constexpr int many = 20'000;
    Parts parts;

    fs::path index() const { return staging.set(set) / "media.index.zst"; }
    fs::path list() const { return staging.set(set) / store::index_parts; }

    std::vector<media::Entry> entries() const {
        std::vector<media::Entry> all;
        media::IndexReader reader(index());
        while (const auto* entry = reader.next()) all.push_back(*entry);
        const auto pattern = entry("~");
        for (const std::string name : {"before", "g", "y"}) {
            auto& above = all.emplace_back();
            above.type = media::EntryType::directory;
            above.path = name;
            for (int i = 0; i < many; ++i) {
                auto& file = all.emplace_back(pattern);
                file.path = fmt::format("{}/{:05}", name, i);
                Sha256 hash;
                hash.update(std::as_bytes(std::span(file.path)));
                file.sha256 = hash.finish();
            }
        }
        std::ranges::sort(all, [](const auto& a, const auto& b) {
            return media::compare_paths(a.path, b.path) < 0;
        });
        return all;
    }

    /// Publishes the set with changes of an older index.
    void publish_changes() {
        const auto all = entries();
        auto manifest = staging.manifest(set);
        manifest.artifacts.clear();
        manifest.set = set = "20261122T030000Z";
        store::NewSet made(staging, set);
        media::IndexWriter writer(made.directory() / store::whole_index);
        media::IndexWriter expected(whole);
        for (const auto& entry : all) writer.add(entry), expected.add(entry);
        expected.finish();
        add_index(made, manifest, writer.finish(), IndexAs::changes);
        made.publish(manifest, {});
    }

    fs::path whole = directory / "whole";  ///< the index of publish_changes()

    /// \param change may change the list; an empty list is not written
    void publish_large(const std::function<void(Parts&)>& change = {}) {
        const auto all = entries();
        store::Manifest manifest;
        manifest.media.packs = staging.manifest(set).media.packs;
        manifest.set = set = "20261122T030000Z";
        store::NewSet made(staging, set);
        media::IndexWriter writer(made.directory() / "media.index.zst");
        for (const auto& entry : all) writer.add(entry);
        const auto written = writer.finish();
        made.add({"media.index.zst", written.size, written.sha256});
        parts = written.parts;
        if (change) change(parts);
        if (!parts.empty()) {
            const auto file =
                media::write_index_parts(made.directory() / store::index_parts, parts);
            made.add({store::index_parts, file.size, file.sha256});
        }
        made.publish(manifest, {});
    }

    std::unique_ptr<restore::SetSource> remote() const {
        config::Remote entry;
        entry.name = "disk";
        entry.type = config::RemoteType::directory;
        entry.target = staging.root();
        return restore::sets_at(entry, directory / "fetched");
    }

    restore::SetOptions wanted(std::vector<std::string> paths) const {
        restore::SetOptions wanted;
        wanted.media = {.target = target, .selection = restore::Selection(std::move(paths))};
        wanted.scratch = directory / "scratch";
        return wanted;
    }
    restore::SetReport fetch(std::vector<std::string> paths) const {
        const auto source = remote();
        return restore::restore_set(*source, source->manifest(set, {}), wanted(std::move(paths)),
                                    {}, {});
    }
    std::string error_of(std::vector<std::string> paths) const {
        try {
            fetch(std::move(paths));
        } catch (const Error& error) {
            CHECK(error.code() == Errc::corrupt);
            CHECK_FALSE(fs::exists(target));
            return error.text();
        }
        return "no error";
    }

    Bytes size_of(const std::string& path) const {
        const auto [first, end] = media::parts_with(parts, path);
        Bytes sum;
        for (auto number = first; number < end; ++number) sum += parts[number].size;
        return sum;
    }
    static std::vector<media::Entry> selected(const media::IndexFiles& index,
                                              const restore::Selection& selection) {
        std::vector<media::Entry> some;
        media::IndexReader reader(index);
        while (const auto* entry = reader.next())
            if (selection.has(entry->path)) some.push_back(*entry);
        return some;
    }
    static void flip_bit(const fs::path& file, std::uint64_t at) {
        auto contents = read(file);
        contents[at] ^= 1;
        write(file, contents);
    }
};

}  // namespace

TEST_CASE_METHOD(LargeIndex, "a file costs only the part of a remote index that names it") {
    publish_large();
    REQUIRE(parts.size() > 6);
    const auto source = remote();
    const auto manifest = source->manifest(set, {});
    const auto before = source->fetched();
    const auto plan = restore::plan_fetch(*source, manifest, wanted({"~"}), {});
    const auto list_and_part = fs::file_size(list()) + size_of("~").count;
    CHECK(source->fetched().count == before.count + list_and_part);
    CHECK(list_and_part < fs::file_size(index()) / 4);
    CHECK(plan.media.count == list_and_part + entry("~").stored);

    const auto report = restore::restore_set(*source, manifest, wanted({"~"}), {}, {});
    CHECK(report.fetched.count == before.count + plan.total().count);
    CHECK(report.problems() == 0);
    CHECK(restored().size() == 1);
    CHECK(read(target / "~") == "at the top: ~");
}

TEST_CASE_METHOD(LargeIndex, "a hard link brings the file that it points to, of another part") {
    publish_large();
    REQUIRE(media::parts_with(parts, "first/file") != media::parts_with(parts, "second\nlink"));
    const auto report = fetch({"second\nlink"});
    CHECK(report.problems() == 0);
    CHECK(read(target / "second\nlink") == "linked");
    CHECK(report.fetched.count < fs::file_size(index()));
}

TEST_CASE_METHOD(LargeIndex, "a directory that spans parts has all that is in it, fetched once") {
    publish_large();
    const auto [first, end] = media::parts_with(parts, "g");
    REQUIRE(end - first > 2);
    const auto source = remote();
    const auto manifest = source->manifest(set, {});
    const restore::Selection selection({"g"});
    const auto made = source->index(manifest, selection, {});
    CHECK(made.size.count < fs::file_size(index()) * 2 / 3);
    CHECK(selected(made.file, restore::Selection()) == selected(index(), selection));

    const auto before = source->fetched();
    const auto again = source->index(manifest, restore::Selection({"g/00007", "g/19999"}), {});
    CHECK(source->fetched() == before);
    CHECK(restore::media_that_is_there({"g/19999", "g/20000"}, again.file, "x", {}) ==
          std::vector<std::string>{"g/19999"});
}

TEST_CASE_METHOD(LargeIndex, "a part of a base is fetched with the changes since then") {
    const auto before = entries();
    publish_changes();
    const auto source = remote();
    const auto manifest = source->manifest(set, {});
    REQUIRE(store::has_index_changes(manifest));
    std::vector<std::string> paths{"\xff\xffgone"};  // only the base has it
    int number = 0;
    for (const auto& entry : before) {
        const bool differs = number % 50 == 3 || number % 50 == 7;
        if (differs && number / 50 % 300 == 0) paths.push_back(entry.path);
        ++number;
    }
    for (const auto& path : paths) {
        INFO(path);
        const restore::Selection selection({path});
        const auto made = source->index(manifest, selection, {});
        CHECK(made.size < manifest.media.index_base.value().size);
        CHECK(selected(made.file, restore::Selection()) == selected(whole, selection));
    }
    const auto all = source->index(manifest, restore::Selection(), {});
    CHECK(selected(all.file, restore::Selection()) == selected(whole, restore::Selection()));
    const restore::Selection directory_above({"g"});
    const auto made = source->index(manifest, directory_above, {});
    CHECK(selected(made.file, directory_above) == selected(whole, directory_above));
    CHECK(fetch({"~"}).problems() == 0);
}

TEST_CASE_METHOD(LargeIndex, "where much of an index is needed, it is fetched whole") {
    publish_large();
    for (const auto& paths : {std::vector<std::string>{}, {"before", "g", "y"}}) {
        const auto source = remote();
        const auto manifest = source->manifest(set, {});
        const auto made = source->index(manifest, restore::Selection(paths), {});
        CHECK(sha256_of_file(made.file.whole) == sha256_of_file(index()));
    }
}

TEST_CASE_METHOD(LargeIndex,
                 "rsync fetches an index as a whole, and once, because it cannot fetch parts") {
    publish_large();
    const SshServer server;
    const auto source = restore::sets_at(server.rsync(staging.root()), directory / "fetched");
    const auto manifest = source->manifest(set, {});
    const auto before = source->fetched();
    for (const auto& path : {"~", "first/file"})
        source->index(manifest, restore::Selection({path}), {});
    CHECK(source->fetched().count - before.count == fs::file_size(index()));
}

TEST_CASE_METHOD(LargeIndex, "a set without a list of parts is restored as before") {
    publish_large([](Parts& list) { list.clear(); });
    const auto report = fetch({"first/file"});
    CHECK(report.problems() == 0);
    CHECK(read(target / "first/file") == "linked");
    CHECK(report.fetched.count > fs::file_size(index()));
}

TEST_CASE_METHOD(LargeIndex, "a flipped bit is told with the name of the file") {
    publish_large();
    SECTION("in the part that is needed") {
        const auto& part = parts[media::parts_with(parts, "~").first];
        flip_bit(index(), part.offset.count + part.size.count / 2);
        const auto error = error_of({"~"});
        CHECK(has(error, "'sets/20261122T030000Z/media.index.zst' at remote 'disk' is not what"));
    }
    SECTION("in another part: that is nobody's concern") {
        flip_bit(index(), parts.front().size.count / 2);
        CHECK(fetch({"~"}).problems() == 0);
    }
    SECTION("in the list of parts") {
        flip_bit(list(), fs::file_size(list()) / 2);
        CHECK(has(error_of({"~"}), "'sets/20261122T030000Z/media.index.parts.zst' at remote"));
    }
}

TEST_CASE_METHOD(LargeIndex, "a list that lies is told, and nothing is restored by it") {
    const auto number = GENERATE(0, 1, 2, 3);
    publish_large([&](Parts& list) {
        auto& part = list[media::parts_with(list, "g/10000").first];
        auto& next = *(&part + 1);
        if (number == 0) part.first = "g/10000";     // in the part, but not its first path
        if (number == 1) next.first = "g/10000";     // but the part before continues behind it
        if (number == 2) part.sha256 = next.sha256;  // the digest of another part
        if (number == 3) part.size.count += 1, next.offset.count += 1, next.size.count -= 1;
    });
    const auto error = error_of({"g/10000"});
    INFO(error);
    CHECK(has(error, "'sets/20261122T030000Z/media.index.zst' at remote 'disk' is not what"));
}

TEST_CASE_METHOD(LargeIndex, "a verification and a drill compare the list with the index") {
    const bool good = GENERATE(true, false);
    publish_large([&](Parts& list) {
        if (!good) list[2].first += "0";
    });
    const auto problems = media::verify_packs(index(), list(), directory / "no packs", {}, {});
    CHECK(std::ranges::any_of(problems, [](const auto& problem) {
              return has(problem, store::index_parts) && has(problem, "a different path");
          }) == !good);

    std::vector<postgres::Check> checks{{.name = "index parts"}};
    restore::check_parts_of_index({{"media.index.zst", index()}, {store::index_parts, list()}}, {},
                                  checks, {});
    CHECK((checks[0].verdict == postgres::Verdict::good) == good);
}

TEST_CASE_METHOD(LargeIndex, "an object store sends the part, and not the index") {
    publish_large();
    S3StandIn store;
    const auto source = restore::sets_at(sent_to(store), directory / "fetched");
    const auto before = store.sent();
    const auto manifest = source->manifest(restore::find_set(*source, "latest", {}), {});
    const auto report = restore::restore_set(*source, manifest, wanted({"~"}), {}, {});
    CHECK(report.problems() == 0);
    const auto sent = store.sent() - before;
    CHECK(sent < report.fetched.count + 64 * 1024);  // the lists of the remote's objects
    CHECK(sent < fs::file_size(index()) / 4);
}
