// SPDX-License-Identifier: GPL-3.0-or-later
#include "small_staging.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <utility>

#include "async/run_sync.hpp"
#include "backup/media/pack_pipeline.hpp"
#include "core/files/files.hpp"
#include "offsite/history.hpp"
#include "offsite/queue.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "offsite/worker.hpp"
#include "restore/source/verify_dump.hpp"
#include "store/formats/signature.hpp"
#include "store/new_set.hpp"
#include "store/verify.hpp"
#include "support/eventually.hpp"
#include "support/fake_clock.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

struct Listener final : backup::Observer {
    explicit Listener(const std::function<void(std::string_view)>& on) : on_progress(on) {}
    void step(std::string_view) override {}
    void progress(double, std::string_view text) override {
        if (on_progress) on_progress(text);
    }
    void message(backup::Severity, std::string_view) override {}

    const std::function<void(std::string_view)>& on_progress;
};

/// In the future, so that all files are older than their set, as on a real host.
const auto beginning = *parse_iso8601("2090-03-15T03:00:00Z");

std::vector<std::string> packs_in(const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(directory, none))
        if (entry.path().extension() == ".tar") names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

Digest write_new(const fs::path& path, const std::string& text) {
    HashingFile file(path);
    file.write(std::as_bytes(std::span(text)));
    return file.finish();
}

/// The first dump is a base, and later ones are differences from it.
store::BaseReference add_dump(store::NewSet& set, const store::Staging& staging) {
    const std::string rows(10'000, 'd');
    if (const auto newest = staging.latest())
        if (const auto base = staging.manifest(*newest).database.base) {
            for (const std::string name : {store::dump_difference, store::difference_list})
                set.add({name, {4}, write_new(set.directory() / name, "rows")});
            return *base;
        }
    const auto name = store::base_name(set.name());
    return {name, {rows.size()}, write_new(set.pack_directory() / name, rows), {rows.size()}};
}

}  // namespace

SmallStaging::SmallStaging() : now_(beginning) {
    config.staging.path = staging.root();
    config.staging.min_free = {};
    config.state_directory = directory / "state";
    plan_.media_root = directory / "system";
    plan_.dump_size = Bytes{1 << 20};
    staging.prepare();
}

void SmallStaging::add_files(unsigned count, unsigned size) {
    for (unsigned i = 0; i < count; ++i) {
        const auto file = plan_.media_root / fmt::format("media_attachments/{:04}.bin", made_++);
        std::string contents(size, '\0');
        for (auto& byte : contents) byte = static_cast<char>(random_());
        write(file, contents);
    }
}

void SmallStaging::add_remote(const std::string& name) {
    config::Remote remote;
    remote.name = name;
    remote.type = config::RemoteType::directory;
    remote.target = target(name);
    config.offsite.push_back(std::move(remote));
}

store::Manifest SmallStaging::back_up(std::stop_token stop) {
    now_ += 24h;
    const FakeClock clock(now_);
    const auto lock = store::lock(staging);
    staging.clean();
    std::vector<std::string> warnings;
    const auto previous = backup::previous_media(config, plan_.media_root, warnings);
    const auto keys = store::make_keys(config.state_directory, staging);
    store::NewSet set(staging, to_set_name(now_));
    set.sign_with(*keys.own);
    const bool fits = previous || !config.staging.max_size;
    backup::PackPipeline packs(config, plan_.dump_size, !fits, clock);
    backup::MediaPasses passes(config, plan_, set, packs, previous, nullptr, clock);
    Listener observer(on_progress);
    passes.pre_copy(observer, stop);
    passes.freeze(observer, stop);
    passes.finish(observer, stop);
    notes = passes.notes();

    store::Manifest manifest;
    manifest.set = set.name();
    manifest.started_at = now_;
    manifest.finished_at = now_ + 10min;
    passes.take_index({});
    manifest.database.base = add_dump(set, staging);
    manifest.media = passes.describe();
    packs.end();
    manifest = set.publish(manifest, {});
    passes.published();
    return manifest;
}

void SmallStaging::back_up_killed_when(const std::function<bool()>& condition) {
    const auto child = ::fork();
    if (child == 0) {
        back_up();
        ::_exit(0);
    }
    now_ += 24h;  // as in the child process
    const bool held = eventually(condition, 60s);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!held || !WIFSIGNALED(status)) throw std::runtime_error("the run was not interrupted");
}

std::vector<std::string> SmallStaging::upload() {
    std::vector<std::string> problems;
    boost::asio::thread_pool pool(4);
    std::vector<std::unique_ptr<offsite::Remote>> remotes;
    for (const auto& entry : config.offsite)
        remotes.push_back(offsite::make_remote(entry, directory / "scratch"));
    FakeClock clock(now_);
    offsite::Worker worker(pool, offsite::Queue(offsite::queue_directory(config.state_directory)),
                           staging.root(), std::move(remotes),
                           offsite::history_file(config.state_directory), clock, {},
                           [&](const offsite::UploadEvent& event) {
                               if (event.kind == offsite::UploadEvent::Kind::failed)
                                   problems.push_back(event.text);
                           });
    worker.add(*staging.latest());
    async::run_sync(worker.drain());
    return problems;
}

std::vector<std::string> SmallStaging::packs_at(const std::string& remote) const {
    return packs_in(target(remote) / "media");
}

std::vector<std::string> SmallStaging::packs_unfinished() const {
    return packs_in(staging.unfinished());
}

std::vector<std::string> SmallStaging::packs_here() const {
    return packs_in(staging.media());
}

std::vector<std::string> SmallStaging::damage(const fs::path& root) {
    const store::Staging copy(root);
    std::vector<std::string> all;
    for (const auto& set : copy.list())
        for (const auto& problem : store::verify(copy, set, &restore::verify_members, {}).problems)
            all.push_back(set + ": " + problem);
    return all;
}

Bytes bytes_below(const fs::path& directory) {
    Bytes sum;
    std::error_code error;
    for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
        std::error_code ignored;
        const auto size = it->is_regular_file(ignored) ? it->file_size(ignored) : 0;
        if (!ignored) sum += Bytes{size};
    }
    return sum;
}

Peak::Peak(fs::path directory)
    : thread_([this, directory = std::move(directory)](std::stop_token stop) {
          while (!stop.stop_requested()) most_ = std::max(most_, bytes_below(directory));
      }) {}

Bytes Peak::stop() {
    thread_.request_stop();
    thread_.join();
    return most_;
}

}  // namespace mastobak::test
