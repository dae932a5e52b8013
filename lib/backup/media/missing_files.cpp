// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/missing_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <iterator>
#include <span>
#include <vector>

#include "core/error.hpp"
#include "core/process/privilege.hpp"
#include "media/index/paths.hpp"
#include "media/read/media_file.hpp"
#include "media/tree/file_status.hpp"

namespace mastobak::backup {
namespace {

/// File systems stamp files with the time of the last tick, which may be this much older than the
/// clock that the instant was read from.
constexpr std::chrono::milliseconds tick{10};

UniqueFd open_with_all_rights(const std::filesystem::path& root) {
    const ReadAnything raised;
    return UniqueFd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

constexpr std::size_t block_size = 64 * 1024;

std::string or_dash(std::optional<std::uint64_t> number) {
    return number ? std::to_string(*number) : "-";
}

}  // namespace

MediaTreeProbe::MediaTreeProbe(const std::filesystem::path& root, Timestamp instant)
    : root_(open_with_all_rights(root)), instant_(instant) {
    if (!root_) throw media::read_error(root.native(), errno);
}

bool MediaTreeProbe::is_older_than_instant(Timestamp ctime) const {
    return ctime + tick < instant_;
}

Absence MediaTreeProbe::why_absent(const std::string& path, const std::stop_token& stop) {
    const ReadAnything raised;
    const auto status = media::status_at(root_.get(), path.c_str());
    if (!status) {
        const int error = errno;
        if (media::is_damage(error)) return Absence::unreadable;
        if (!media::is_vanished(error) && error != ENAMETOOLONG)
            throw media::read_error(path, error);
        return directory_changed(path) ? Absence::unclear : Absence::missing;
    }
    // A directory or a socket of that name is not the file that the row means.
    if (!S_ISREG(status->mode) && !S_ISLNK(status->mode)) return Absence::missing;
    if (!is_older_than_instant(status->ctime)) return Absence::unclear;
    // The walk skips, with a warning, files that a failing disk cannot read.
    return is_readable(path, stop) ? Absence::lost : Absence::unreadable;
}

bool MediaTreeProbe::had_other_size(const std::string& path, std::uint64_t size) const {
    const ReadAnything raised;
    const auto status = media::status_at(root_.get(), path.c_str());
    return status && S_ISREG(status->mode) && status->size != size &&
           is_older_than_instant(status->ctime);
}

// Removing a file changes its directory; if that was removed too, the directory above it has
// changed.
bool MediaTreeProbe::directory_changed(std::string path) const {
    for (;;) {
        const auto slash = path.rfind('/');
        path = slash == std::string::npos ? "." : path.substr(0, slash);
        if (const auto status = media::status_at(root_.get(), path.c_str()))
            return !is_older_than_instant(status->ctime);
        if (path == ".") return true;
    }
}

bool MediaTreeProbe::is_readable(const std::string& path, const std::stop_token& stop) {
    const auto file = opener_.open(root_.get(), path.c_str());
    if (!file) return !media::is_damage(errno);
    std::vector<std::byte> block(std::size_t{1} << 20);
    for (;;) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const auto n = ::read(file.get(), block.data(), block.size());
        if (n == 0) return true;
        if (n < 0 && errno != EINTR) return !media::is_damage(errno);
    }
}

void MissingList::add(std::string_view reason, const reconcile::NamedFile& named,
                      std::optional<std::uint64_t> size) {
    fmt::format_to(std::back_inserter(buffer_), "{}\t{}.{}\t{}\t{}\t{}\t", reason,
                   named.attachment->table, named.attachment->name, named.id, or_dash(named.size),
                   or_dash(size));
    media::append_escaped(buffer_, named.path);
    buffer_ += '\n';
    if (buffer_.size() >= block_size) flush();
}

void MissingList::flush() {
    if (!file_) file_.emplace(path_);
    file_->write(std::as_bytes(std::span(buffer_)));
    buffer_.clear();
}

std::optional<store::Artifact> MissingList::finish() {
    if (!buffer_.empty()) flush();
    if (!file_) return std::nullopt;
    const auto digest = file_->finish();
    return store::Artifact{path_.filename(), file_->size(), digest};
}

}  // namespace mastobak::backup
