// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_restore_one: restores one file of about 200 KB from a set whose packs are only in an object
// store. Prints the bytes that the store sent: with a local index, as on the host itself, and
// without one, as on a new machine. Then prints the sizes of the file and of the index. All in
// bytes.

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "media/backup_tree.hpp"
#include "media/index/index_parts.hpp"
#include "media/index/index_reader.hpp"
#include "media/tree_options.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "restore/source/find_source.hpp"
#include "restore/source/set_source.hpp"
#include "restore/tree/restore_media.hpp"
#include "store/new_set.hpp"
#include "store/staging.hpp"
#include "support/s3_stand_in.hpp"

namespace {

using namespace mastobak;
namespace fs = std::filesystem;

constexpr auto set_name = "20261122T030000Z";
constexpr std::int64_t wanted_size = 200'000;

void publish(const store::Staging& staging, const fs::path& tree) {
    staging.prepare();
    store::NewSet set(staging, set_name);
    store::Manifest manifest;
    manifest.set = set_name;
    media::TreeOptions options;
    options.root = tree;
    options.index = set.directory() / "media.index.zst";
    options.pack_directory = set.pack_directory();
    options.pack_prefix = set_name;
    options.pack_size = Bytes{std::uint64_t{64} << 20};  // the fake store accepts one part
    const auto result = media::backup_tree(options, {}, {});
    set.add({"media.index.zst", result.index.size, result.index.sha256});
    const auto list =
        media::write_index_parts(set.directory() / store::index_parts, result.index.parts);
    set.add({store::index_parts, list.size, list.sha256});
    for (const auto& pack : result.new_packs)
        manifest.media.packs.push_back(
            {pack.name, pack.size, pack.sha256, pack.members, pack.size});
    set.publish(manifest, {});
}

/// Uploads the set, and removes the local packs; the rest of the set is in both places.
void evict(const store::Staging& staging, offsite::Remote& remote) {
    for (const auto& place : {fs::path("media"), fs::path("sets") / set_name})
        for (const auto& entry : fs::directory_iterator(staging.root() / place))
            remote.put({place / entry.path().filename(), entry.path(), Bytes{entry.file_size()},
                        sha256_of_file(entry.path())},
                       {}, {});
    for (const auto& entry : fs::directory_iterator(staging.media())) fs::remove(entry.path());
}

media::Entry file_of_that_size(const fs::path& index) {
    media::IndexReader reader(index);
    media::Entry best;
    const auto distance = [](const media::Entry& entry) {
        return std::abs(static_cast<std::int64_t>(entry.size) - wanted_size);
    };
    while (const auto* entry = reader.next())
        if (entry->type == media::EntryType::file &&
            (best.path.empty() || distance(*entry) < distance(best)))
            best = *entry;
    return best;
}

void restore_one(restore::SetSource& source, const std::string& path, const fs::path& work) {
    const auto manifest = source.manifest(restore::find_set(source, "latest", {}), {});
    const restore::Selection selection({path});
    const restore::MediaOptions options{.index = source.index(manifest, selection, {}).file,
                                        .target = work / "restored",
                                        .scratch = work / "lists",
                                        .selection = selection};
    fs::remove_all(options.target);
    const auto packs = source.packs({});
    const auto report = restore::restore_media(options, *packs, {}, {});
    if (report.files != 1 || report.problem_count > 0) throw std::runtime_error("not restored");
}

}  // namespace

int main(int argc, char** argv) try {
    fs::path tree;
    fs::path work;
    CLI::App app{"Fetches one file from an object store"};
    app.add_option("tree", tree, "media")->required();
    app.add_option("work", work, "directory")->required();
    CLI11_PARSE(app, argc, argv);

    test::S3StandIn object_store;
    std::ofstream(work / "rclone.conf") << object_store.rclone_section("s3");
    config::Remote remote;
    remote.name = "s3";
    remote.target = "s3:b/path";
    remote.rclone_config = work / "rclone.conf";
    const store::Staging staging(work / "staging");
    publish(staging, tree);
    fs::create_directories(work / "scratch");
    evict(staging, *offsite::make_remote(remote, work / "scratch"));
    const auto index = staging.set(set_name) / "media.index.zst";
    const auto file = file_of_that_size(index);

    auto before = object_store.sent();
    restore_one(*restore::sets_in(staging.root(), {remote}, work / "scratch"), file.path, work);
    std::cout << object_store.sent() - before << ' ';
    before = object_store.sent();
    restore_one(*restore::sets_at(remote, work / "scratch"), file.path, work);
    std::cout << object_store.sent() - before << ' ' << file.size << ' ' << fs::file_size(index)
              << '\n';
} catch (const std::exception& error) {
    std::cerr << "bench_restore_one: " << mastobak::describe(error) << '\n';
    return 1;
}
