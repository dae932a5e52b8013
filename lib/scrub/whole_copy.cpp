// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/whole_copy.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "core/error.hpp"
#include "core/files/open.hpp"
#include "core/files/polite_read.hpp"
#include "store/staging.hpp"

namespace mastobak::scrub {
namespace fs = std::filesystem;

WholeCopy::WholeCopy(const config::Config& config, const std::string& leaf)
    : config_(config),
      directory_(store::Staging(config.staging.path).partial() / "repair"),
      file_(directory_.path() / leaf) {
    make_directories(directory_.path());
}

Digest WholeCopy::fetch(Place& from, const std::string& object, Bytes size,
                        const std::stop_token& stop) {
    const auto room = free_space(directory_.path());
    if (room < size + config_.staging.min_free)
        throw Error(
            Errc::staging,
            fmt::format("there is no room for '{}' ({}) beside the damaged one: {} are free",
                        object, to_string(size), to_string(room)),
            "make room in staging (staging.min_free stays free); mastobak prune may help");
    const auto digest = from.fetch(object, size, file_, stop);
    sync_file(file_);
    return digest;
}

// Reads from the disk, not from the page cache.
void WholeCopy::require(const Wanted& wanted, const std::stop_token& stop) const {
    const auto fd = open_regular(file_, Symlinks::refuse, Errc::corrupt);
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
    Sha256 hash;
    const bool whole = has_size(file_, wanted.size);
    if (whole)
        read_through(
            fd.get(), 0, wanted.size.count, file_, [&](auto block) { hash.update(block); }, stop,
            Errc::corrupt);
    if (!whole || hash.finish() != wanted.sha256)
        throw Error(Errc::corrupt,
                    fmt::format("the copy of '{}' is damaged, too", file_.filename().native()),
                    "mastobak verify --from that place says what else is damaged there");
}

// Until the rename the old file stays. If the kernel can exchange the files, the name exists at all
// times.
void WholeCopy::change_places_with(const fs::path& damaged) {
    const auto failed = [&] {
        return errno_error(Errc::staging, fmt::format("rename '{}'", damaged.native()), errno);
    };
    const auto aside = directory_.path() / (file_.filename().native() + ".damaged");
    if (::renameat2(AT_FDCWD, file_.c_str(), AT_FDCWD, damaged.c_str(), RENAME_EXCHANGE) != 0) {
        const bool missing = errno == ENOENT;
        if (!missing && ::rename(damaged.c_str(), aside.c_str()) != 0) throw failed();
        if (::rename(file_.c_str(), damaged.c_str()) != 0) {
            const auto error = failed();
            // The destructor would remove it, although most of a damaged pack may still be good.
            if (!missing) ::rename(aside.c_str(), damaged.c_str());
            throw error;
        }
    }
    sync_directory(damaged.parent_path());
    std::error_code ignored;
    fs::remove(file_, ignored);
    fs::remove(aside, ignored);
}

}  // namespace mastobak::scrub
