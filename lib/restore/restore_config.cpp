// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/restore_config.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "archive/tar.hpp"
#include "archive/zstd.hpp"
#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/unique_fd.hpp"
#include "core/process/accounts.hpp"
#include "core/text.hpp"
#include "restore/tree/attributes.hpp"
#include "restore/tree/file_beside.hpp"
#include "restore/tree/open_target.hpp"
#include "restore/tree/target_tree.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

using archive::Header;

constexpr std::uint32_t permission_bits = 0777;
/// The room that a restore leaves free on the disk of the configuration files.
constexpr Bytes kept_free{std::uint64_t{16} << 20};

/// Returns the owner of a restored file. An archived number may belong to another user on a new
/// machine, so a name counts more than a number, and a name that this host does not know becomes
/// root. In older sets, which have no names, Mastodon's own number is replaced.
Owner owner_of(const Header& header, const std::optional<Owner>& mastodon) {
    const auto [uid, gid] = mastodon ? mastodon->in_place_of(header.uid, header.gid)
                                     : std::pair{header.uid, header.gid};
    Owner owner{uid, gid};
    if (!header.user.empty()) {
        const auto account = account_named(header.user);
        owner.user = account ? account->user : 0;
    }
    if (!header.group.empty()) owner.group = group_named(header.group).value_or(0);
    return owner;
}

media::Entry entry_of(const Header& header, std::string path) {
    media::Entry entry;
    if (header.type == Header::Type::directory) entry.type = media::EntryType::directory;
    entry.path = std::move(path);
    entry.mode = header.mode & permission_bits;
    entry.mtime = header.mtime;
    return entry;
}

/// Returns a member's path without redundant parts ("./", a slash at the end).
/// Throws Error{media} for a path that leads out of the target.
std::string checked_path(const std::string& path) {
    const auto normal = fs::path(path).lexically_normal();
    const bool leads_out = std::find(normal.begin(), normal.end(), "..") != normal.end();
    if (path.empty() || normal.is_absolute() || leads_out || path.find('\0') != path.npos)
        throw Error(Errc::media, fmt::format("'{}' leads out of the target", readable(path)));
    auto text = normal.native();
    if (text.ends_with('/')) text.pop_back();
    return text == "." ? "" : text;
}

/// In place, the target is the root directory; below it, the kernel refuses every symlink.
TargetTree open_for(const ConfigOptions& options) {
    if (!options.in_place) return TargetTree(options.target, open_private_target(options.target));
    UniqueFd fd(::open(options.target.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd)
        throw errno_error(Errc::environment, fmt::format("open '{}'", options.target.native()),
                          errno);
    return TargetTree(options.target, std::move(fd));
}

class ConfigRestore {
 public:
    ConfigRestore(const ConfigOptions& options, std::stop_token stop)
        : place_(options.target),
          suffix_(options.keep_suffix),
          wanted_(options.wanted),
          mastodon_(options.owner),
          stop_(std::move(stop)),
          target_(open_for(options)),
          zstd_(archive::file_source(options.archive)),
          tar_(
              [this] {
                  if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
                  return zstd_.read();
              },
              stop_) {}

    ConfigReport run() {
        while (const auto member = tar_.next()) {
            try {
                restore(*member, checked_path(member->path));
            } catch (const Error& error) {
                if (error.code() != Errc::media) throw;
                report_.problems.push_back(error.text());
            }
        }
        LostAttributes none;
        target_.finish({}, none);
        return std::move(report_);
    }

 private:
    void restore(const Header& header, const std::string& path) {
        if (path.empty() || (wanted_ && !wanted_(path))) return;
        switch (header.type) {
            case Header::Type::directory:
                return restore_directory(header, path);
            case Header::Type::file:
                return restore_file(header, path);
            case Header::Type::symlink:
                return restore_symlink(header, path);
            case Header::Type::hardlink:
                throw Error(Errc::media,
                            fmt::format("'{}' is a hard link, which mastobak never writes",
                                        readable(path)));
        }
    }

    void restore_directory(const Header& header, const std::string& path) {
        if (target_.existing_directory(path)) return;
        const auto made = target_.directory(path);
        set_attributes(made.get(), entry_of(header, path), owner_of(header, mastodon_));
    }

    void restore_file(const Header& header, const std::string& path) {
        const auto directory = target_.directory(parent_of(path));
        require_room(header.size, path);
        FileBeside file(directory.get(), path);
        Sha256 hash;
        for (auto block = tar_.data(); !block.empty(); block = tar_.data()) {
            file.write(block);
            hash.update(block);
        }
        set_attributes(file.fd(), entry_of(header, path), owner_of(header, mastodon_));
        if (!suffix_.empty() && !is_there(directory.get(), path, hash.finish()))
            keep(directory.get(), path);
        file.place();
        ++report_.files;
    }

    /// An archive of a few KiB may expand to any size, and the target is usually the system's disk.
    void require_room(std::uint64_t size, const std::string& path) const {
        const auto free = free_space(place_, Errc::environment);
        if (free.count >= size && free.count - size >= kept_free.count) return;
        throw Error(
            Errc::environment,
            fmt::format("'{}' of the configuration needs {}, but '{}' has {} free", readable(path),
                        to_string(Bytes{size}), place_.native(), to_string(free)),
            "make room there; configuration files are usually small, so check what this file is");
    }

    void restore_symlink(const Header& header, const std::string& path) {
        const auto directory = target_.directory(parent_of(path));
        const std::string name(name_of(path));
        const auto beside = name_beside(name);
        ::unlinkat(directory.get(), beside.c_str(), 0);
        if (::symlinkat(header.target.c_str(), directory.get(), beside.c_str()) < 0)
            throw_target_error("make symlink", path, errno);
        try {
            set_symlink_attributes(directory.get(), beside, entry_of(header, path),
                                   owner_of(header, mastodon_));
            keep(directory.get(), path);
            if (::renameat(directory.get(), beside.c_str(), directory.get(), name.c_str()) < 0)
                throw_target_error("put in place", path, errno);
        } catch (...) {
            ::unlinkat(directory.get(), beside.c_str(), 0);
            throw;
        }
        ++report_.files;
    }

    /// Returns whether a file with these contents is already there, so that it need not be kept.
    static bool is_there(int directory, const std::string& path, const Digest& contents) {
        const std::string name(name_of(path));
        constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
        const UniqueFd fd(::openat(directory, name.c_str(), flags));
        struct stat status {};
        if (!fd || ::fstat(fd.get(), &status) < 0 || !S_ISREG(status.st_mode)) return false;
        Sha256 hash;
        std::array<std::byte, 64 * 1024> block;
        ssize_t n = 0;
        while ((n = ::read(fd.get(), block.data(), block.size())) > 0)
            hash.update(std::span(block).first(static_cast<std::size_t>(n)));
        return n == 0 && hash.finish() == contents;
    }

    /// Keeps a file under a second name by a hard link, so that its first name exists at all times.
    /// Does not replace a file that an earlier call has kept.
    void keep(int directory, const std::string& path) {
        if (suffix_.empty()) return;
        const std::string name(name_of(path));
        for (int number = 1;; ++number) {
            const auto suffix = number == 1 ? suffix_ : fmt::format("{}.{}", suffix_, number);
            if (::linkat(directory, name.c_str(), directory, (name + suffix).c_str(), 0) == 0)
                return report_.kept.push_back(path + suffix);
            if (errno == ENOENT) return;
            if (errno != EEXIST) throw_target_error("keep", path, errno);
        }
    }

    const fs::path place_;
    const std::string suffix_;
    const std::function<bool(const std::string&)> wanted_;
    const std::optional<Owner> mastodon_;
    const std::stop_token stop_;
    TargetTree target_;
    archive::ZstdDecompressor zstd_;
    archive::TarReader tar_;
    ConfigReport report_;
};

}  // namespace

std::vector<std::string> list_config(const fs::path& archive, std::stop_token stop) {
    archive::ZstdDecompressor zstd(archive::file_source(archive));
    archive::TarReader tar([&] {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        return zstd.read();
    });
    std::vector<std::string> paths;
    while (const auto member = tar.next()) {
        if (member->type == Header::Type::directory) continue;
        const auto path = fs::path(member->path).lexically_normal().native();
        paths.push_back(path.substr(std::min(path.find_first_not_of('/'), path.size())));
    }
    return paths;
}

std::optional<std::pair<uid_t, gid_t>> owner_in_archive(const fs::path& archive,
                                                        const std::string& name,
                                                        std::stop_token stop) {
    archive::ZstdDecompressor zstd(archive::file_source(archive));
    archive::TarReader tar([&] {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        return zstd.read();
    });
    while (const auto member = tar.next())
        if (member->type == Header::Type::file && name_of(member->path) == name)
            return member->user.empty()
                       ? std::optional(std::pair<uid_t, gid_t>(member->uid, member->gid))
                       : std::nullopt;
    return std::nullopt;
}

ConfigReport restore_config(const ConfigOptions& options, std::stop_token stop) {
    return ConfigRestore(options, std::move(stop)).run();
}

}  // namespace mastobak::restore
