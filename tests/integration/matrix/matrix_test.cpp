// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <optional>

#include "core/process/process.hpp"
#include "database_place.hpp"
#include "file_system.hpp"
#include "night.hpp"
#include "restore/drill/drill.hpp"
#include "restore/restore_set.hpp"
#include "restore/source/set_source.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

void make_media(const fs::path& root) {
    for (const std::string path : {"accounts/avatars/000/000/001/original/a.png", "with space"})
        write(root / path, path);
    fs::create_symlink("with space", root / "link");
}

/// A backup, a drill and a restore with one kind of database and one kind of file system.
class Combination {
 public:
    Combination(const DatabasePlace& database, const FileSystem& files)
        : database_(database), kind_(files) {
        fs::permissions(short_.path(), fs::perms(0711));
        fs::permissions(passable_.path(), fs::perms(0711));
        const auto live = night_.directory / "live";
        auto env = read(live / ".env.production");
        env.resize(env.find("DB_HOST="));
        write(live / ".env.production",
              env + database.env() + "PAPERCLIP_ROOT_PATH=" + media().native() + "\n");
        if (!kind_.is_read_only()) make_media(media());
        if (!refused_.empty()) write(media() / refused_, "its name is not possible there");
        night_.config.staging.path = kind_.is_read_only() ? disk() / "staging" : files_ / "staging";
    }

    /// Returns the problems; empty if there is none.
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
        if (refused && database_.is_refused()) return "";
        if (refused && kind_.refuses_staging() && refused->code() == Errc::staging &&
            night_.config.staging.path != disk() / "staging") {
            // Stages on this disk instead, and restores there.
            night_.config.staging.path = disk() / "staging";
            return problems();
        }
        if (refused) return fmt::format("refused: {}", refused->what());
        if (database_.is_refused() ||
            (kind_.refuses_staging() && night_.config.staging.path != disk() / "staging"))
            return "it was not refused";
        auto text = drilled();
        return text += restored();
    }

 private:
    fs::path disk() const { return night_.directory / "this disk"; }
    fs::path media() const { return (refused_.empty() ? files_ : disk()) / "system"; }
    fs::path target() const { return (kind_.is_read_only() ? disk() : files_) / "restored"; }

    std::unique_ptr<restore::SetSource> sets() const {
        return restore::sets_in(night_.config.staging.path, {}, night_.directory / "of source");
    }

    std::string drilled() const {
        restore::DrillOptions options;
        options.scratch = short_ / "d";
        options.postgres_user = "nobody";  // not root; this user exists on every host
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
        wanted.media = {.target = target()};
        wanted.scratch = passable_ / "restore";
        const auto report =
            restore::restore_set(*source, source->manifest(set, {}), wanted, {}, {});
        const auto& server = database_.server();
        auto text = server.differences(DatabasePlace::database, "restored");
        auto problems = report.media->problems;
        // A name that the target refuses is one problem. The other files are restored.
        if (!refused_.empty() && std::erase_if(problems, [this](const std::string& problem) {
                                     return problem.find(refused_) != problem.npos;
                                 }) != 1)
            text += fmt::format("'{}' was restored\n", refused_);
        for (const auto& problem : problems) text += "media: " + problem + "\n";
        const std::vector<std::string> all{"-ncirlptgoOJ"}, contents{"-ncirO", "--exclude=/link"};
        Command compare{.argv = {"rsync", "--delete"}};
        if (!refused_.empty()) compare.argv.push_back("--exclude=/" + refused_);
        // encfs rounds times down to seconds when a file is renamed.
        if (!refused_.empty()) compare.argv.push_back("--modify-window=1");
        std::ranges::copy(kind_.has_contents_alone() ? contents : all,
                          std::back_inserter(compare.argv));
        compare.argv.insert(compare.argv.end(), {media().native() + "/", target().native() + "/"});
        const auto files = run(compare);
        text += files.ok() ? files.output : files.reason();
        // Each kind of attribute that it cannot store is a warning, exactly once.
        if (kind_.has_contents_alone() != !report.media->warnings.empty())
            text += fmt::format("{} warnings of the restore\n", report.media->warnings.size());
        if (server.psql("restored", "SELECT has_table_privilege('mastodon', 'users', 'UPDATE')") !=
            "t")
            text += "Mastodon's role may not use what was restored\n";
        server.psql("postgres", "DROP DATABASE restored");
        fs::remove_all(target());
        fs::remove_all(night_.config.staging.path);
        return text;
    }

    const DatabasePlace& database_;
    const FileSystem& kind_;
    const fs::path files_ = kind_.root();
    const std::string refused_ = kind_.refused_name();
    TemporaryDirectory short_;  ///< has a short path, as a socket needs
    TemporaryDirectory passable_;
    Night night_;
};

void try_out(const std::string& database, int major, const std::string& files) {
    CAPTURE(database, major, files);
    const TemporaryDirectory directory;
    make_media(directory / "x/tree/system");
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
    CHECK(problems.empty());
}

}  // namespace

TEST_CASE("a server with TLS and a private root is backed up, and a standby is refused") {
    try_out("TLS with a private root", 0, "this disk");
    try_out("standby", 0, "this disk");
}

TEST_CASE("every server and every file system: backed up, drilled, restored, compared", "[.long]") {
    // Each server with the usual file system, and each file system with the usual server.
    // MATRIX=all tests all combinations, MATRIX=xfs only those with this word.
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
