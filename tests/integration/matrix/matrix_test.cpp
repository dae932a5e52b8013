// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "core/process.hpp"
#include "database_place.hpp"
#include "file_system.hpp"
#include "night.hpp"
#include "restore/drill/drill.hpp"
#include "restore/restore_set.hpp"
#include "restore/source/directory_sets.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

/// A night, a drill and a restore where the database and the files are of some kind.
class Combination {
 public:
    Combination(const DatabasePlace& database, const FileSystem& files)
        : database_(database), files_(files.root()) {
        fs::permissions(short_.path(), fs::perms(0711));
        fs::permissions(passable_.path(), fs::perms(0711));
        const auto live = night_.directory / "live";
        auto env = read(live / ".env.production");
        env.resize(env.find("DB_HOST="));
        write(live / ".env.production",
              env + database.env() + "PAPERCLIP_ROOT_PATH=" + media().native() + "\n");
        for (const std::string path : {"accounts/avatars/000/000/001/original/a.png", "with space"})
            write(media() / path, path);
        fs::create_symlink("with space", media() / "link");
        night_.config.staging.path = files_ / "staging";
    }

    /// What is wrong; empty: all is as it should be.
    std::string problems() {
        std::optional<Error> refused;
        try {
            night_.run();
        } catch (const Error& error) {
            refused = error;
        }
        const bool stopped =
            std::any_of(night_.units.calls.begin(), night_.units.calls.end(), [](const auto& call) {
                return call.starts_with("stop ") || call.starts_with("kill ");
            });
        if (refused && stopped) return fmt::format("after the stop: {}", refused->what());
        if (refused)
            return database_.is_refused() ? "" : fmt::format("refused: {}", refused->what());
        if (database_.is_refused()) return "it was not refused";
        auto text = drilled();
        return text += restored();
    }

 private:
    fs::path media() const { return files_ / "system"; }

    std::unique_ptr<restore::SetSource> sets() const {
        return restore::sets_in(night_.config.staging.path, {}, night_.directory / "of source");
    }

    std::string drilled() const {
        restore::DrillOptions options;
        options.scratch = short_ / "d";
        options.postgres_user = "nobody";  // of root; every host has it
        const auto source = sets();
        std::string text;
        for (const auto& check : restore::drill(*source, "latest", options, {}, {}).checks)
            for (const auto& problem : check.problems)
                text += fmt::format("drill, {}: {}\n", check.name, problem);
        return text;
    }

    std::string restored() const {
        const auto source = sets();
        const auto set = night_.sets().back();
        restore::SetOptions wanted;
        wanted.database = {.name = "restored", .server = database_.restorer()};
        wanted.media = {.target = files_ / "restored"};
        wanted.scratch = passable_ / "restore";
        const auto report =
            restore::restore_set(*source, source->manifest(set, {}), wanted, {}, {});
        const auto& server = database_.server();
        auto text = server.differences(DatabasePlace::database, "restored");
        for (const auto& problem : report.media->problems) text += "media: " + problem + "\n";
        const auto files = run({.argv = {"rsync", "-ncirlptgoOJ", "--delete",
                                         media().native() + "/", (files_ / "restored/").native()}});
        text += files.ok() ? files.output : files.reason();
        if (server.psql("restored", "SELECT has_table_privilege('mastodon', 'users', 'UPDATE')") !=
            "t")
            text += "Mastodon's role may not use what was restored\n";
        server.psql("postgres", "DROP DATABASE restored");
        fs::remove_all(files_ / "restored");
        fs::remove_all(files_ / "staging");
        return text;
    }

    const DatabasePlace& database_;
    const fs::path files_;
    TemporaryDirectory short_;  ///< a socket's path is
    TemporaryDirectory passable_;
    Night night_;
};

void try_out(const std::string& database, int major, const std::string& files) {
    CAPTURE(database, major, files);
    const TemporaryDirectory directory;
    const FileSystem file_system(files, directory / "x");
    if (!file_system.why_not().empty()) {
        std::cout << "skipped, as this host has no " << files << ": " << file_system.why_not()
                  << "\n";
        return;
    }
    const DatabasePlace place(database, major);
    std::string problems;
    try {
        problems = Combination(place, file_system).problems();
    } catch (const std::exception& error) {
        problems = error.what();
    }
    INFO(problems);
    // What cannot rename without replacing is refused by preflight (lib/store).
    if (files == "sshfs" && problems.starts_with("refused: ")) return;
    CHECK(problems.empty());
}

}  // namespace

TEST_CASE("a server with TLS and a private root is backed up, and a standby is refused") {
    try_out("TLS with a private root", 0, "this disk");
    try_out("standby", 0, "this disk");
}

TEST_CASE("every server and every file system: backed up, drilled, restored, compared", "[.long]") {
    // Each server with the usual files, each file system with the usual server. MATRIX=all: each
    // with each; MATRIX=xfs: those of that word alone.
    const char* variable = std::getenv("MATRIX");
    const std::string wanted = variable ? variable : "";
    const bool all = wanted == "all";
    for (const int major : PostgresServer::installed())
        for (const auto& database : DatabasePlace::kinds())
            for (const auto& files : FileSystem::kinds())
                if (all || ((files == "this disk" || database == "socket") &&
                            (database + " " + files).find(wanted) != std::string::npos))
                    try_out(database, major, files);
}
