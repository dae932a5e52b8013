// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "media/tree_options.hpp"
#include "media_fixture.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

std::string name(unsigned i) {
    return std::to_string(i / 20) + "/" + std::to_string(i);
}

/// A version of a file repeats one letter, so that a mixture of two versions is detected.
std::string version(unsigned n, std::size_t size) {
    return std::string(size, static_cast<char>('a' + n % 26));
}

void overwrite(const fs::path& path, const std::string& contents) {
    std::ofstream(path, std::ios::in | std::ios::binary) << contents;
}

void replace(const fs::path& path, const std::string& contents) {
    auto temporary = path;
    temporary += ".new";
    std::ofstream(temporary, std::ios::binary) << contents;
    fs::rename(temporary, path);
}

/// One version that was written into a file over the last one. The kernel may suspend the writer in
/// the middle of it, and until it continues, the file itself is a mixture of both versions.
struct Overwriting {
    std::string name;
    char before, after;  ///< the letters of both versions
    std::chrono::system_clock::time_point begun, ended;
};
using Overwritings = std::vector<Overwriting>;

/// Writes to a tree in all ways, until it is destroyed.
class Writer {
 public:
    /// \param log outlives this object, and may be read when it is destroyed
    Writer(fs::path root, unsigned files, std::size_t size, Overwritings& log)
        : thread_([this, root = std::move(root), files, size, &log](const std::stop_token& stop) {
              std::vector<char> letters(files, version(0, 1)[0]);
              for (unsigned n = 1; !stop.stop_requested(); ++n) {
                  const auto i = (n * 7919) % files;
                  const auto path = root / name(i);
                  const auto contents = version(n, size);
                  if (n % 4 == 0) {
                      fs::remove(path);
                      replace(path, contents);
                  } else if (n % 4 == 1) {
                      replace(path, contents);
                  } else {
                      const auto begun = std::chrono::system_clock::now();
                      overwrite(path, contents);
                      log.push_back({name(i), letters[i], contents[0], begun,
                                     std::chrono::system_clock::now()});
                  }
                  letters[i] = contents[0];
                  ++writes;
              }
          }) {}

    std::atomic<unsigned> writes = 0;

 private:
    std::jthread thread_;
};

bool is_mixture(const std::string& contents) {
    return std::adjacent_find(contents.begin(), contents.end(), std::not_equal_to<>()) !=
           contents.end();
}

/// Returns whether a file was in the middle of being overwritten when it was read: its contents are
/// the beginning of the new version and the end of the last one, and it has the time of that write.
bool was_in_progress(const Overwritings& log, const std::string& path, const std::string& contents,
                     std::chrono::system_clock::time_point modified) {
    constexpr auto tick = std::chrono::milliseconds(20);  // the times of files are coarse
    return std::any_of(log.begin(), log.end(), [&](const Overwriting& one) {
        const auto end = std::min(contents.find(one.before), contents.size());
        return one.name == path && one.begun - tick <= modified && modified <= one.ended &&
               contents ==
                   std::string(end, one.after) + std::string(contents.size() - end, one.before);
    });
}

}  // namespace

TEST_CASE_METHOD(MediaFixture, "a file is never a mixture of two versions without a warning") {
    // Small files, which are read at once, and large files, which are streamed.
    const std::size_t size = GENERATE(20'000u, 700'000u);
    const unsigned files = size > 100'000 ? 15 : 150;
    for (unsigned i = 0; i < files; ++i) add(name(i), version(0, size));
    options.read_attempts = 2;

    media::TreeResult result;
    Overwritings log;
    {
        const Writer writer(root, files, size, log);
        while (writer.writes < 10) std::this_thread::yield();
        result = backup();
    }

    CHECK(verify() == std::vector<std::string>{});
    std::string warnings;
    for (const auto& warning : result.warnings) warnings += warning + "\n";
    unsigned checked = 0;
    for (const auto& [path, entry] : entries()) {
        if (entry.type != media::EntryType::file || path.ends_with(".new")) continue;
        const auto kept = contents(entry);
        ++checked;
        INFO(path << "\n" << warnings);
        if (warnings.find("'" + path + "'") != std::string::npos || !is_mixture(kept)) continue;
        CHECK(was_in_progress(log, path, kept, entry.mtime));
    }
    CHECK(checked >= files * 8 / 10);
    for (const auto& pack : result.new_packs)
        CHECK(pack.sha256 == sha256_of_file(packs / pack.name));
}

TEST_CASE_METHOD(MediaFixture, "the night after a busy one sees all that was missed") {
    for (unsigned i = 0; i < 200; ++i) add(name(i), version(0, 5'000));
    Overwritings log;
    {
        const Writer writer(root, 200, 5'000, log);
        while (writer.writes < 10) std::this_thread::yield();
        backup();
    }
    backup("20261123T030000Z");
    CHECK(verify() == std::vector<std::string>{});
    CHECK(differences(restore()) == "");
}

TEST_CASE_METHOD(MediaFixture, "files and directories may vanish under the walk") {
    for (unsigned i = 0; i < 1000; ++i) add(name(i), "x");
    add("zz-stays", "x");
    std::jthread remover([this] {
        for (unsigned i = 1000; i-- > 0;) {
            fs::remove(root / name(i));
            if (i % 20 == 0) fs::remove(root / std::to_string(i / 20));
        }
    });
    const auto result = backup();
    remover.join();
    CHECK(result.index.files >= 1);
    CHECK(verify() == std::vector<std::string>{});
}
