// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_index: the parts of a backup that read or write an index, each alone, with a synthetic
// index. Prints seconds, seconds of processor time, and the peak of resident memory in KiB (VmHWM).

#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>

#include "core/error.hpp"
#include "media/changes.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/merge_index.hpp"
#include "media/journal/journal_check.hpp"
#include "media/pack/digest_cache.hpp"
#include "media/pack/tree_writer.hpp"
#include "media/tree_options.hpp"
#include "support/instance/random.hpp"
#include "support/instance/shape.hpp"

namespace {

using namespace mastobak;
using media::Entry;
using media::EntryType;
namespace fs = std::filesystem;

/// Writes an index of a tree like Mastodon's, without making the tree.
class Maker {
 public:
    explicit Maker(const fs::path& file) : index_(file) {}

    void make(std::uint64_t entries) {
        for (std::uint64_t number = 0; entries_ < entries; ++number) {
            const auto id = instance::id_partition(instance::snowflake(number, random_.next()));
            const auto stem = random_.hex16();
            for (const auto* style : {"/original/", "/small/"})
                file("media_attachments/files/" + id + style + stem + ".jpg");
        }
        index_.finish();
    }

 private:
    void file(const std::string& path) {
        for (auto slash = path.find('/'); slash != std::string::npos;
             slash = path.find('/', slash + 1))
            if (last_.compare(0, slash + 1, path, 0, slash + 1) != 0)
                add(EntryType::directory, path.substr(0, slash));
        last_ = path;
        add(EntryType::file, path);
    }

    void add(EntryType type, std::string path) {
        Entry entry;
        entry.type = type;
        entry.path = std::move(path);
        entry.mode = type == EntryType::file ? 0644 : 0755;
        entry.uid = entry.gid = 991;
        entry.mtime = Timestamp(std::chrono::nanoseconds(1'700'000'000'000'000'000)) +
                      std::chrono::nanoseconds(++entries_ * 40'000'000'123);
        entry.ctime = entry.mtime + std::chrono::nanoseconds(random_.below(1'000'000));
        entry.inode = 1'000'000 + entries_;
        if (type == EntryType::file) locate(entry);
        index_.add(entry);
    }

    void locate(Entry& entry) {
        entry.size = 1 + random_.below(100'000);
        entry.stored = 1536 + (entry.size + 511) / 512 * 512;
        if (++members_ % 10'000 == 1) offset_ = 0;
        entry.pack = "20261122T030000Z-" + std::to_string(1000 + members_ / 10'000) + ".tar";
        entry.offset = offset_;
        offset_ += entry.stored;
        random_.fill(std::as_writable_bytes(std::span(entry.sha256.emplace().bytes)));
    }

    media::IndexWriter index_;
    instance::Random random_{1};
    std::string last_;
    std::uint64_t entries_ = 0;
    std::uint64_t members_ = 0;
    std::uint64_t offset_ = 0;
};

/// Returns what a walk would find if the tree agreed with the index.
media::Found found(const Entry& entry) {
    media::Found found{entry.path, nullptr, {}};
    auto& status = found.status;
    status.mode = entry.mode | (entry.type == EntryType::directory ? S_IFDIR : S_IFREG);
    status.uid = entry.uid;
    status.gid = entry.gid;
    status.size = entry.size;
    status.mtime = entry.mtime;
    status.ctime = entry.ctime;
    status.inode = entry.inode;
    status.links = 1;
    return found;
}

void read(const fs::path& index) {
    media::IndexReader reader(index);
    while (reader.next()) {
    }
}

/// Does the work for an unchanged tree, except the walk.
void compare(const fs::path& index, const fs::path& out) {
    media::TreeOptions options;
    options.index = out / "compared.zst";
    options.pack_directory = out;
    options.pack_prefix = "20261123T030000Z";
    media::IndexReader tree(index);
    media::PreviousIndex previous(index, Timestamp::max());
    media::Opener opener;
    media::Warnings warnings;
    media::ReadAhead reads(opener, 1, std::nullopt, {});
    media::TreeWriter writer(options, reads, warnings, {});
    const auto look = [&]() -> std::optional<media::Found> {
        const auto entry = tree.next();
        if (!entry) return std::nullopt;
        return found(*entry);
    };
    media::Changes changes(look, previous, reads, warnings);
    while (auto batch = changes.next())
        for (auto& change : *batch) writer.add(std::move(change));
    writer.finish();
}

/// Merges changes of one file in a hundred.
void merge(const fs::path& index, const fs::path& out) {
    media::Paths paths;
    {
        media::IndexReader reader(index);
        media::IndexWriter delta(out / "delta.zst");
        std::uint64_t files = 0;
        while (const auto entry = reader.next()) {
            if (entry->type != EntryType::file || ++files % 100 != 0 || paths.size() == 50'000)
                continue;
            paths.insert(entry->path);
            delta.add(*entry);
        }
        delta.finish();
    }
    media::merge_index(index, out / "delta.zst", paths, out / "merged.zst", {});
}

void measure(const std::function<void()>& work) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    std::cout << took.count() << ' ' << seconds(usage.ru_utime) + seconds(usage.ru_stime) << ' ';
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) std::cout << std::stoull(line.substr(6)) << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
    std::string step;
    fs::path index;
    fs::path out;
    std::uint64_t entries = 0;
    CLI::App app{"Reads, compares and merges an index as a night does"};
    app.add_option("step", step, "make, read, compare, merge, check or contents")->required();
    app.add_option("index", index)->required();
    app.add_option("--out", out, "directory for what is written");
    app.add_option("--entries", entries, "how many to make");
    CLI11_PARSE(app, argc, argv);

    measure([&] {
        if (step == "make") Maker(index).make(entries);
        if (step == "read") read(index);
        if (step == "compare") compare(index, out);
        if (step == "merge") merge(index, out);
        if (step == "contents") media::write_known_contents(index, Digest{}, out / "contents", {});
        if (step == "check") media::check_journal(index, index, {}, {});
    });
} catch (const std::exception& error) {
    std::cerr << "bench_index: " << mastobak::describe(error) << '\n';
    return 1;
}
