// SPDX-License-Identifier: GPL-3.0-or-later
#include "fixture.hpp"

#include <fmt/format.h>

#include <sstream>

#include "mastodon/media_paths.hpp"
#include "media/backup_tree.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/index_writer.hpp"
#include "media/tree_options.hpp"
#include "support/postgres_server.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;
namespace {

constexpr auto database = "reconciled";

}  // namespace

std::string original_of(const std::string& id) {
    return fmt::format("media_attachments/files/{}/original/{}.mp3",
                       mastodon::id_partition(std::stoull(id)), id);
}

std::uint64_t in_all(const backup::Reconciled& reconciled,
                     std::uint64_t store::ReconciledColumn::*count) {
    std::uint64_t sum = 0;
    for (const auto& column : reconciled.counts.columns) sum += column.*count;
    return sum;
}

Instance::Instance() {
    static const bool created = (PostgresServer::shared().create_mastodon(database), true);
    if (created) sql("DELETE FROM media_attachments");
    options.media_root = directory_ / "media";
    options.instant = SystemClock().now() + std::chrono::hours(1);
    fs::create_directories(options.media_root);
    write("an/unrelated/file");
}

void Instance::attach(const std::string& id, const std::string& contents) {
    sql(
        fmt::format("INSERT INTO media_attachments (id, file_file_name, file_content_type, "
                    "file_file_size, created_at, updated_at) "
                    "VALUES ({0}, '{0}.mp3', 'audio/mpeg', {1}, now(), now())",
                    id, contents.size()));
    write(original_of(id), contents);
}

void Instance::sql(const std::string& statement) const {
    PostgresServer::shared().psql(database, statement);
}

void Instance::write(const std::string& path, const std::string& contents) const {
    test::write(options.media_root / path, contents);
}

void Instance::remove(const std::string& path) const {
    fs::remove_all(options.media_root / path);
}

void Instance::make_index() {
    options.index = directory_ / fmt::format("index-{}", ++generation_);
    const auto packs = directory_ / fmt::format("packs-{}", generation_);
    fs::create_directories(packs);
    media::TreeOptions tree;
    tree.root = options.media_root;
    tree.excluded = options.excluded;
    tree.index = options.index.whole;
    tree.pack_directory = packs;
    tree.pack_prefix = "20261122T030000Z";
    media::backup_tree(tree, [](const auto&) {}, {});
}

void Instance::rewrite(const std::function<bool(media::Entry&)>& keep) {
    media::IndexReader reader(options.index);
    options.index = directory_ / fmt::format("index-{}", ++generation_);
    media::IndexWriter writer(options.index.whole);
    while (const auto* found = reader.next()) {
        auto entry = *found;
        if (keep(entry)) writer.add(entry);
    }
    writer.finish();
}

void Instance::forget(const std::string& path) {
    rewrite([&](const media::Entry& entry) { return entry.path != path; });
}

void Instance::change(const std::string& path, const std::function<void(media::Entry&)>& change) {
    rewrite([&](media::Entry& entry) {
        if (entry.path == path) change(entry);
        return true;
    });
}

backup::Reconciled Instance::reconcile() {
    options.missing_list = directory_ / fmt::format("missing-{}.txt", ++generation_);
    postgres::Snapshot snapshot({.host = PostgresServer::shared().socket_directory(),
                                 .database = database,
                                 .user = "postgres"});
    return backup::reconcile(snapshot, options, {});
}

Error Instance::fails() {
    try {
        reconcile();
    } catch (const Error& error) {
        return error;
    }
    return Error(Errc::internal, "");
}

std::vector<std::string> Instance::listed() const {
    std::vector<std::string> lines;
    if (!fs::exists(options.missing_list)) return lines;
    std::istringstream in(read(options.missing_list));
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

}  // namespace mastobak::test
