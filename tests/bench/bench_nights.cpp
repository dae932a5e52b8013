// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_nights: the media steps of consecutive backups (pre-copy, freeze, index), with a change
// journal, into one staging directory. Prints for each backup: seconds, seconds of processor time,
// bytes written, growth of staging in bytes, bytes of the index, and files packed.

#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "backup/media/media_passes.hpp"
#include "core/error.hpp"
#include "core/process/process.hpp"
#include "media/journal/change_journal.hpp"
#include "store/new_set.hpp"

namespace {

using namespace mastobak;
namespace fs = std::filesystem;

struct NoObserver final : backup::Observer {
    void step(std::string_view) override {}
    void progress(double, std::string_view) override {}
    void message(backup::Severity, std::string_view) override {}
};

double processor_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Returns the bytes that were or will be written to the disk, without files that were removed
/// before.
std::uint64_t bytes_written() {
    std::ifstream io("/proc/self/io");
    std::uint64_t written = 0;
    std::uint64_t bytes = 0;
    for (std::string name; io >> name >> bytes;) {
        if (name == "write_bytes:") written = bytes;
        if (name == "cancelled_write_bytes:") written -= bytes;
    }
    return written;
}

std::uint64_t bytes_in(const fs::path& directory) {
    std::uint64_t bytes = 0;
    for (const auto& item : fs::recursive_directory_iterator(directory))
        if (item.is_regular_file()) bytes += item.file_size();
    return bytes;
}

class Nights {
 public:
    Nights(const fs::path& tree, const fs::path& directory, bool walk, bool journal)
        : staging_(directory / "staging") {
        config_.staging.path = directory / "staging";
        config_.staging.min_free = {};
        config_.state_directory = directory / "state";
        if (walk) config_.media.full_walk = std::chrono::seconds(0);
        plan_.media_root = tree;
        staging_.prepare();
        if (journal)
            journal_ = std::make_unique<media::ChangeJournal>(media::make_journal_group(tree), tree,
                                                              std::vector<std::string>{});
    }

    void night() {
        const auto size = bytes_in(staging_.root());
        const auto written = bytes_written();
        const auto processor = processor_seconds();
        const auto begun = clock_.steady();
        const auto name = fmt::format("202611{:02}T030000Z", ++nights_);
        store::NewSet set(staging_, name);
        backup::PackPipeline packs(config_, {}, false, clock_);
        backup::MediaPasses passes(config_, plan_, set, packs, previous(), journal_.get(), clock_);
        NoObserver observer;
        // Without a journal, one walk suffices, as in mode `live`.
        passes.repack(observer, {});
        if (journal_) passes.pre_copy(observer, {});
        passes.freeze(observer, {});
        passes.finish(observer, {});
        const auto taken = passes.take_index({});
        const auto index = fs::file_size(taken.changes.empty() ? taken.whole : taken.changes);
        const std::chrono::duration<double> took = clock_.steady() - begun;
        std::cout << took.count() << ' ' << processor_seconds() - processor << ' ';
        store::Manifest manifest;
        manifest.set = name;
        manifest.started_at = manifest.finished_at = clock_.now();
        manifest.media = passes.describe();
        std::cout << bytes_written() - written << ' ';
        manifest = set.publish(manifest, {});
        passes.published();
        passes.remember_contents(staging_.index(manifest), {});
        std::cout << bytes_in(staging_.root()) - size << ' ' << index << ' '
                  << manifest.media.new_files << std::endl;
        for (const auto& note : passes.notes()) std::cerr << name << ": " << note << '\n';
    }

 private:
    std::optional<backup::PreviousMedia> previous() const {
        std::vector<std::string> warnings;
        auto previous = backup::previous_media(config_, plan_.media_root, warnings);
        for (const auto& warning : warnings) std::cerr << warning << '\n';
        return previous;
    }

    const SystemClock clock_;
    const store::Staging staging_;
    config::Config config_;
    backup::Plan plan_;
    std::unique_ptr<media::ChangeJournal> journal_;
    int nights_ = 0;
};

void change(const std::string& program, int night) {
    const auto finished = run({.argv = {program, std::to_string(night)}});
    if (!finished.ok())
        throw Error(Errc::environment, fmt::format("run '{}': {}", program, finished.reason()));
}

}  // namespace

int main(int argc, char** argv) try {
    fs::path tree;
    fs::path directory;
    std::string between;
    int count = 2;
    bool walk = false;
    bool no_journal = false;
    CLI::App app{"Backs up a media tree night after night"};
    app.add_option("tree", tree)->required();
    app.add_option("directory", directory, "for staging and state, new")->required();
    app.add_option("--nights", count);
    app.add_option("--between", between, "program that is run before each night, with its number");
    app.add_flag("--walk", walk, "every night checks the journal by a walk");
    app.add_flag("--no-journal", no_journal, "every night walks");
    CLI11_PARSE(app, argc, argv);

    Nights nights(tree, directory, walk, !no_journal);
    for (int number = 1; number <= count; ++number) {
        if (!between.empty()) change(between, number);
        nights.night();
    }
} catch (const std::exception& error) {
    std::cerr << "bench_nights: " << mastobak::describe(error) << '\n';
    return 1;
}
