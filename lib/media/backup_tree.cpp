// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/backup_tree.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "core/error.hpp"
#include "media/changes.hpp"
#include "media/previous_index.hpp"
#include "media/read_ahead.hpp"
#include "media/read_errors.hpp"
#include "media/tree_writer.hpp"
#include "media/walk.hpp"
#include "media/warnings.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;

namespace {

constexpr auto progress_interval = std::chrono::milliseconds(100);

constexpr std::string_view unmounted_hint =
    "is its file system mounted, and is it the directory that Mastodon writes to?";

UniqueFd open_root(const fs::path& root) {
    // public/system itself may be a symlink to where the media is; nothing below it is followed.
    UniqueFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) return fd;
    if (errno == EACCES || errno == EPERM) throw read_error(root.native(), errno);
    throw errno_error(Errc::media, fmt::format("open the media directory '{}'", root.native()),
                      errno, std::string(unmounted_hint));
}

/// A backup of the backup would grow until the disk is full.
void check_apart(const fs::path& root, const fs::path& packs) {
    const auto tree = fs::weakly_canonical(root);
    const auto staging = fs::weakly_canonical(packs);
    const auto [end, _] = std::mismatch(tree.begin(), tree.end(), staging.begin(), staging.end());
    if (end != tree.end()) return;
    throw Error(Errc::media,
                fmt::format("the media directory '{}' contains the staging directory '{}'",
                            root.native(), packs.native()),
                "set staging.path to a directory outside it");
}

void check_not_empty(const TreeOptions& options, const TreeResult& result) {
    if (result.index.files > 0) return;
    throw Error(Errc::media,
                fmt::format("the media directory '{}' has no files", options.root.native()),
                std::string(unmounted_hint));
}

void check_not_shrunken(std::uint64_t files, std::uint64_t previous, Warnings& warnings) {
    if (previous < 10 || files >= previous / 10) return;
    warnings.add(fmt::format(
        "the media had {} files at the last backup and has {} now: if that is not intended, a part "
        "of it may be unmounted, ignoring",
        previous, files));
}

/// Tells how far it is, not more often than anybody can look.
class Reporter {
 public:
    explicit Reporter(const std::function<void(const TreeProgress&)>& report) : report_(report) {}
    void operator()(const TreeProgress& progress) {
        const auto now = std::chrono::steady_clock::now();
        if (!report_ || now < next_) return;
        next_ = now + progress_interval;
        report_(progress);
    }

 private:
    const std::function<void(const TreeProgress&)>& report_;
    std::chrono::steady_clock::time_point next_;
};

}  // namespace

TreeResult backup_tree(const TreeOptions& options,
                       const std::function<void(const TreeProgress&)>& progress,
                       std::stop_token stop) {
    check_apart(options.root, options.pack_directory);
    Warnings warnings;
    Opener opener;
    Walk walk(opener, open_root(options.root), options.excluded, warnings, stop);
    PreviousIndex previous(options.previous_index);
    ReadAhead reads(opener, options.read_attempts);
    TreeWriter writer(options, reads, warnings, stop);
    Reporter report(progress);

    Changes changes(walk, previous, reads, warnings);
    while (auto batch = changes.next()) {
        for (auto& change : *batch) {
            writer.add(std::move(change));
            report(writer.progress());
        }
    }
    if (progress) progress(writer.progress());

    auto result = writer.finish();
    check_not_empty(options, result);
    check_not_shrunken(result.index.files, previous.count_files(), warnings);
    result.vanished += walk.counts().vanished;
    result.unreadable += walk.counts().unreadable;
    result.excluded_files = walk.counts().excluded_files;
    result.excluded_bytes = walk.counts().excluded_bytes;
    result.warnings = warnings.texts();
    result.warnings_in_all = warnings.count();
    return result;
}

}  // namespace mastobak::media
