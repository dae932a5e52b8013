// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/archive_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "archive/tar.hpp"
#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/led.hpp"
#include "core/files/unique_fd.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"

namespace mastobak::archive {
namespace fs = std::filesystem;

namespace {

/// The number of attempts to open a file that is being replaced.
constexpr int attempts = 5;
constexpr int compression_level = 9;  // affordable for some kilobytes of text once a night

Error cannot_read(const fs::path& path, int error) {
    return errno_error(Errc::environment,
                       fmt::format("read '{}' for the set", readable(path.native())), error,
                       error == EACCES || error == EPERM
                           ? "mastobak needs CAP_DAC_READ_SEARCH, as its unit file gives it"
                           : "files.nginx and files.extra of the configuration name such files, "
                             "and mastodon.env_file");
}

/// Resolves one step of a symlink: the result may be a symlink again. The directories of the target
/// are resolved completely, so that ".." has the same meaning as for the kernel.
fs::path step_along(const fs::path& link, const fs::path& target, std::error_code& error) {
    const auto next = link.parent_path() / target;
    const auto directory = fs::canonical(next.parent_path(), error);
    // "x/..", "." and "/" have no name of their own to append.
    return next.has_filename() && next.filename() != "." && next.filename() != ".."
               ? directory / next.filename()
               : fs::canonical(next, error);
}

Timestamp to_timestamp(const timespec& time) {
    return time_of_file(time.tv_sec, time.tv_nsec);
}

MemberLook look_of(const fs::path& path, const struct stat& status) {
    return {path, status.st_ino, static_cast<std::uint64_t>(status.st_size),
            to_timestamp(status.st_mtim), to_timestamp(status.st_ctim)};
}

/// \param owners looks up the names, because the IDs may differ on the host of a restore
Header header_of(const fs::path& path, const struct stat& status, Header::Type type,
                 Owners& owners) {
    Header header;
    header.type = type;
    header.path = path.relative_path().native();
    header.mode = status.st_mode & 07777;
    header.uid = status.st_uid;
    header.gid = status.st_gid;
    header.user = owners.user(status.st_uid);
    header.group = owners.group(status.st_gid);
    header.mtime = to_timestamp(status.st_mtim);
    return header;
}

/// Puts files into one tar. Each path is archived once, even if it is named several times.
class Collector {
 public:
    Collector(TarWriter& tar, FilesArchive& result, std::stop_token stop)
        : tar_(tar), result_(result), stop_(std::move(stop)) {}

    void start(const fs::path& path) { add(path, true); }
    void finish() {
        if (changed_times_ > 0)
            warn(
                fmt::format("{} of the configuration files {} a modification time outside the "
                            "years 1677 to 2262: the set has the nearest possible time, ignoring",
                            changed_times_, changed_times_ == 1 ? "has" : "have"));
    }

 private:
    /// The symlink that is being followed (`by`) and its target (`to`). Empty: none.
    struct Led {
        fs::path by, to;
    };

    /// \param named the caller has named the path, so its absence is an error. A file that was
    /// found in a directory may vanish
    void add(const fs::path& path, bool named) {
        if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (!seen_.insert(path).second) return;
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0) return gone(path, named, errno);
        if (S_ISDIR(status.st_mode)) return add_directory(path, status, named);
        if (S_ISLNK(status.st_mode)) return add_symlink(path, status, named);
        if (S_ISREG(status.st_mode)) return add_file(path, named);
        const auto what = fmt::format("'{}' is a device, FIFO or socket", readable(path.native()));
        if (named)
            throw Error(Errc::environment,
                        what + ": the configuration may name only files and directories",
                        "put a file there, or correct the configuration");
        warn(what + ", ignoring");
    }

    void warn(std::string text) { result_.warnings.push_back(std::move(text)); }

    void gone(const fs::path& path, bool named, int error) {
        if (named || error != ENOENT) throw cannot_read(path, error);
        warn(fmt::format("'{}' vanished, ignoring", readable(path.native())));
    }

    void begin(const fs::path& path, const struct stat& status, const Header& header) {
        tar_.begin(header);
        result_.members.push_back(header.path);
        result_.looks.push_back(look_of(path, status));
        if (is_at_limit(header.mtime)) ++changed_times_;
    }

    void add_directory(const fs::path& path, const struct stat& status, bool named) {
        std::set<fs::path> children;  // sorted: the same files give the same archive
        std::error_code error;
        for (fs::directory_iterator i(path, error), end; !error && i != end; i.increment(error))
            children.insert(i->path());
        if (error) return gone(path, named, error.value());
        if (path != path.root_path()) {
            begin(path, status, header_of(path, status, Header::Type::directory, owners_));
            tar_.end();
        }
        for (const auto& child : children) add(child, false);
    }

    void add_symlink(const fs::path& path, const struct stat& status, bool named) {
        std::error_code error;
        const auto target = fs::read_symlink(path, error);
        if (error) return gone(path, named, error.value());
        auto header = header_of(path, status, Header::Type::symlink, owners_);
        header.target = target.native();
        begin(path, status, header);
        tar_.end();
        add_target(path, target, named);
    }

    /// Adds the target of a symlink, as the symlink alone would restore nothing. A symlink that the
    /// caller has named is followed to any target. One that was found in a directory
    /// (sites-enabled/x) is followed only to files, as links to directories may form cycles.
    void add_target(const fs::path& link, const fs::path& target, bool named) {
        if (target == "/dev/null") return;  // systemd masks a unit or a drop-in in this way
        std::error_code error;
        const auto type = fs::status(link, error).type();
        if (error && named) throw cannot_read(link, error.value());
        if (error)
            return warn(fmt::format("'{}' leads nowhere: {}, ignoring", readable(link.native()),
                                    error.message()));
        if (!named && type != fs::file_type::regular) return;
        const auto next = step_along(link, target, error);
        if (error) return gone(link, named, error.value());
        const auto before = std::exchange(led_, Led{as_named(link), next});
        add(next, named);
        led_ = before;
    }

    /// Returns the path by the symlinks that led to it, as these decide whether it may be read.
    fs::path as_named(const fs::path& path) const {
        if (led_.to.empty()) return path;
        const auto rest = path.lexically_relative(led_.to);
        if (rest.empty() || *rest.begin() == "..") return path;
        return rest == "." ? led_.by : led_.by / rest;
    }

    void add_file(const fs::path& path, bool named) {
        for (int attempt = 0; attempt < attempts; ++attempt)
            if (try_to_add_file(path, named)) return;
        gone(path, named, ESTALE);
    }

    /// \return false when the file was replaced meanwhile
    bool try_to_add_file(const fs::path& path, bool named) {
        // O_NONBLOCK, as the file may have become a FIFO since lstat(), and open() would block.
        const UniqueFd fd(
            ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
        if (!fd) {
            gone(path, named, errno);
            return true;
        }
        struct stat status {};
        if (::fstat(fd.get(), &status) != 0) throw cannot_read(path, errno);
        if (!S_ISREG(status.st_mode)) {
            gone(path, named, ENOENT);
            return true;
        }
        if (!is_led_fairly(fd.get(), as_named(path), Errc::environment)) return false;
        auto header = header_of(path, status, Header::Type::file, owners_);
        header.size = static_cast<std::uint64_t>(status.st_size);
        begin(path, status, header);
        copy(fd.get(), path, header.size);
        tar_.end();
        return true;
    }

    /// Copies exactly `size` bytes, because the header has this size.
    void copy(int fd, const fs::path& path, std::uint64_t size) {
        while (size > 0) {
            if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
            const auto want = std::min<std::uint64_t>(size, block_.size());
            auto n = ::read(fd, block_.data(), want);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) throw cannot_read(path, errno);
            if (n == 0) {
                warn(fmt::format("'{}' shrank while it was read, filled with zeros, ignoring",
                                 readable(path.native())));
                std::fill(block_.begin(), block_.end(), std::byte{0});
                n = static_cast<ssize_t>(want);
            }
            tar_.data({block_.data(), static_cast<std::size_t>(n)});
            size -= static_cast<std::uint64_t>(n);
        }
    }

    TarWriter& tar_;
    FilesArchive& result_;
    Owners owners_;
    std::stop_token stop_;
    std::set<fs::path> seen_;
    Led led_;
    std::uint64_t changed_times_ = 0;
    std::vector<std::byte> block_ = std::vector<std::byte>(64 * 1024);
};

}  // namespace

FilesArchive archive_files(const std::vector<fs::path>& paths, const fs::path& file,
                           std::stop_token stop) {
    FilesArchive result;
    HashingFile out(file);
    const ReadAnything raised;
    ZstdCompressor zstd([&](auto block) { out.write(block); }, compression_level);
    TarWriter tar([&](auto block) { zstd.write(block); });
    Collector collector(tar, result, std::move(stop));
    // Directories come last: a symlink that is named itself, and is also in a named directory, has
    // to be followed as a named one.
    for (const bool directories : {false, true})
        for (const auto& path : paths)
            if (fs::is_directory(fs::symlink_status(path)) == directories)
                collector.start(fs::absolute(path).lexically_normal());
    collector.finish();
    tar.finish();
    zstd.finish();
    result.size = out.size();
    result.sha256 = out.finish();
    return result;
}

bool is_unchanged(const FilesArchive& archive) {
    const ReadAnything raised;
    return std::all_of(archive.looks.begin(), archive.looks.end(), [](const MemberLook& look) {
        struct stat status {};
        return ::lstat(look.path.c_str(), &status) == 0 && look_of(look.path, status) == look;
    });
}

}  // namespace mastobak::archive
