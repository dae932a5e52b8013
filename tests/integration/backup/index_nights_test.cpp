// SPDX-License-Identifier: GPL-3.0-or-later
// How the sets of several nights store the index of their media.

#include <fmt/format.h>

#include "core/files/files.hpp"
#include "media_nights.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/retention/prune.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using test::MediaNights;
namespace fs = std::filesystem;

namespace {

/// An instance with enough files for its sets to share an index.
struct IndexNights : MediaNights {
    IndexNights() { add_many("many", 1200); }

    void add_many(const std::string& above, int count) {
        for (int i = 0; i < count; ++i)
            add(fmt::format("{}/{:04}", above, i), fmt::format("{}", i));
    }
    std::string base() const { return manifest.media.index_base.value().name; }
    Bytes size_of(const char* name) const {
        const auto* artifact = store::listed_artifact(manifest, name);
        return artifact == nullptr ? Bytes{} : artifact->size;
    }
    store::Staging staging() const { return store::Staging(config.staging.path); }
};

}  // namespace

TEST_CASE_METHOD(IndexNights, "later nights store what has changed in the index") {
    night();
    const auto first = base();
    CHECK(first == store::index_name(manifest.set));
    CHECK_FALSE(store::has_index_changes(manifest));
    CHECK(store::listed_artifact(manifest, store::whole_index) == nullptr);
    CHECK(files() == tree());

    night();
    CHECK(base() == first);
    CHECK(store::has_index_changes(manifest));
    CHECK(size_of(store::index_changes) + size_of(store::index_parts) < Bytes{400});
    CHECK(notes.empty());
    CHECK(files() == tree());

    add("many/0007", "changed");
    add("new/1", "new");
    fs::remove(root / "many/0100");
    fs::rename(root / "many/0200", root / "many/renamed");
    night({.before_freeze = [&] { add("many/0008", "changed, too"); }});
    CHECK(base() == first);
    CHECK(size_of(store::index_changes) < Bytes{1500});
    CHECK(files() == tree());
    CHECK(damage().empty());

    // A walk continues from the shared index, too.
    journal.reset();
    add("new/2", "found by a walk");
    night();
    CHECK(base() == first);
    CHECK(manifest.media.new_files == 1);
    CHECK(files() == tree());
    CHECK(damage().empty());
}

TEST_CASE_METHOD(IndexNights, "a new base is made when much has changed, and the old one goes") {
    night();
    const auto first = manifest.set, first_base = base();
    add_many("more", 200);
    night();
    CHECK(base() == store::index_name(manifest.set));
    CHECK_FALSE(store::has_index_changes(manifest));
    CHECK(files() == tree());
    CHECK(damage().empty());
    store::prune(staging(), {first}, false, {});
    CHECK_FALSE(fs::exists(staging().shared(first_base)));
    CHECK(fs::exists(staging().shared(base())));
    night();
    CHECK(store::has_index_changes(manifest));
    CHECK(damage().empty());
}

TEST_CASE_METHOD(IndexNights, "a tree that has become small has its index in the set again") {
    night();
    fs::remove_all(root / "many");
    add("one", "1");
    night();
    CHECK_FALSE(manifest.media.index_base);
    CHECK(size_of(store::whole_index) > Bytes{});
    CHECK(files() == tree());
    add_many("many", 1200);
    night();
    CHECK(base() == store::index_name(manifest.set));
    CHECK(damage().empty());
}

TEST_CASE_METHOD(IndexNights,
                 "a damaged list of parts makes a new base, and nothing is packed again") {
    night();
    const auto first = base();
    write_file(staging().set(manifest.set) / store::index_parts, "damaged");
    night();
    CHECK(base() != first);
    CHECK(manifest.media.new_files == 0);
    CHECK(files() == tree());
}

TEST_CASE_METHOD(IndexNights, "a set with a damaged index is not continued") {
    night();
    add_many("more", 200);
    night();  // with a base of its own
    const auto second = base();
    night();
    write_file(staging().shared(second), "damaged");
    night();
    // It continues from the first set, so it packs only what came after it.
    CHECK(base() != second);
    CHECK(manifest.media.new_files == 200);
    CHECK(files() == tree());
}
