// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/directory_remote.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/files/polite_read.hpp"
#include "offsite/object_name.hpp"
#include "offsite/remotes/incoming_file.hpp"
#include "offsite/remotes/removal_plan.hpp"

namespace mastobak::offsite {
namespace fs = std::filesystem;

namespace {

/// Returns a path to an open file or directory, for functions that take a path.
fs::path path_of(const UniqueFd& fd) {
    return fmt::format("/proc/self/fd/{}", fd.get());
}

/// A directory that is opened through its descriptor, and named in messages by its path.
struct Place {
    const std::string opened;
    const std::string name;

    template <typename Work>
    void named(const Work& work) const {
        try {
            work();
        } catch (const Error& e) {
            auto text = e.text();
            for (auto at = text.find(opened); at != std::string::npos; at = text.find(opened))
                text.replace(at, opened.size(), name);
            throw Error(e.code(), std::move(text), e.hint());
        }
    }
};

/// Exchanges the names of the complete and the damaged object in one step. If the file system
/// cannot do that, the damaged object is renamed first. A crash between the two renames then leaves
/// no object under `name`; the next repair finds that it is missing.
void exchange(int directory, const std::string& whole, const std::string& name) {
    if (::renameat2(directory, whole.c_str(), directory, name.c_str(), RENAME_EXCHANGE) == 0)
        return;
    const auto retired = whole + ".old";
    const bool missing = errno == ENOENT;
    if (!missing && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
        throw errno_error(Errc::offsite, fmt::format("exchange '{}' and '{}'", whole, name), errno);
    if (!missing && ::renameat(directory, name.c_str(), directory, retired.c_str()) != 0)
        throw errno_error(Errc::offsite, fmt::format("rename '{}'", name), errno);
    if (::renameat(directory, whole.c_str(), directory, name.c_str()) != 0)
        throw errno_error(Errc::offsite, fmt::format("rename '{}' to '{}'", whole, name), errno);
    if (!missing) ::unlinkat(directory, retired.c_str(), 0);
}

}  // namespace

DirectoryRemote::DirectoryRemote(const config::Remote& entry)
    : name_(entry.name), root_(entry.target), mounted_(entry.mounted) {
    if (!root_.has_filename()) root_ = root_.parent_path();  // "/mnt/disk/"
}

// Only the target and its parent are checked. If a mount point further up counted, a file system at
// "/srv" would hide that the disk at "/srv/backup/disk" is not mounted.
void DirectoryRemote::require_mounted() const {
    if (!mounted_ || is_mount_point(root_) || is_mount_point(root_.parent_path())) return;
    throw Error(Errc::offsite,
                fmt::format("nothing is mounted at '{}' of the remote '{}', nor at the directory "
                            "above it",
                            root_.native(), name_),
                "plug in and mount the disk; or, if it is not a file system by itself, remove "
                "'mounted: true'");
}

void DirectoryRemote::check(std::stop_token) {
    require_mounted();
    make_directories(root_, 0700, Errc::offsite);
    try_place(root_);
}

// Symlinks are not followed: another user of that disk may have made one, for example to our
// staging directory. Staging would then count as its own copy, and retention at the remote would
// remove files from it.
UniqueFd DirectoryRemote::open(const std::string& name, int flags) const {
    const UniqueFd root(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) return {};
    return open_beneath(root.get(), name.empty() ? "." : name, flags);
}

Error DirectoryRemote::failure(const char* doing, const std::string& name, int error) const {
    const bool leads_away = error == ELOOP || error == EXDEV;
    return errno_error(Errc::offsite, fmt::format("{} '{}'", doing, (root_ / name).native()), error,
                       leads_away ? "symlinks are not followed there: name the directory that it "
                                    "leads to in 'target', or mount it (mount --bind)"
                                  : "");
}

void DirectoryRemote::each_entry(
    const std::string& directory,
    const std::function<void(const fs::directory_entry&, const std::string&)>& take) const {
    require_mounted();
    const auto fd = open(directory, O_RDONLY | O_DIRECTORY);
    if (!fd && errno == ENOENT) return;
    if (!fd) throw failure("list", directory, errno);
    try {
        for (const auto& entry : fs::directory_iterator(path_of(fd)))
            if (const auto leaf = entry.path().filename().native();
                !leaf.starts_with('.') && !entry.is_symlink())
                take(entry, leaf);
    } catch (const fs::filesystem_error& e) {
        throw failure("list", directory, e.code().value());
    }
}

std::map<std::string, Bytes> DirectoryRemote::list(const std::string& directory, std::stop_token) {
    std::map<std::string, Bytes> found;
    each_entry(directory, [&found](const fs::directory_entry& entry, const std::string& leaf) {
        if (entry.is_regular_file()) found[leaf] = {entry.file_size()};
    });
    return found;
}

std::set<std::string> DirectoryRemote::directories(const std::string& directory, std::stop_token) {
    std::set<std::string> found;
    each_entry(directory, [&found](const fs::directory_entry& entry, const std::string& leaf) {
        if (entry.is_directory()) found.insert(leaf);
    });
    return found;
}

UniqueFd DirectoryRemote::open_object(const std::string& name) const {
    split_name(name);
    require_mounted();
    auto fd = open(name, O_RDONLY | O_NONBLOCK);  // do not wait for the writer of a FIFO
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0 || S_ISREG(status.st_mode)) return fd;
    errno = ELOOP;
    return {};
}

std::optional<RemoteObject> DirectoryRemote::stat(const Object& object, std::stop_token stop) {
    const auto fd = open_object(object.name);
    if (!fd && errno == ENOENT) return std::nullopt;
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) throw failure("look at", object.name, errno);
    const Bytes size{static_cast<std::uint64_t>(status.st_size)};
    using Hash = RemoteObject::Hash;
    if (size != object.size) return RemoteObject{size, Hash::different};
    const bool equal = sha256_of_file(path_of(fd), std::move(stop)) == object.sha256;
    return RemoteObject{size, equal ? Hash::equal : Hash::different};
}

/// Makes the directories from the root to an object, and opens each.
std::vector<UniqueFd> DirectoryRemote::make_way(const std::string& directory) const {
    make_directories(root_, 0700, Errc::offsite);
    std::vector<UniqueFd> way;
    way.push_back(open("", O_RDONLY | O_DIRECTORY));
    for (const auto& part : fs::path(directory)) {
        if (!way.back()) break;
        if (::mkdirat(way.back().get(), part.c_str(), 0700) != 0 && errno != EEXIST)
            throw failure("make directory", directory, errno);
        way.push_back(open_beneath(way.back().get(), part.native(), O_RDONLY | O_DIRECTORY));
    }
    if (!way.back()) throw failure("open", directory, errno);
    return way;
}

void DirectoryRemote::put(const Object& object, const UploadProgress& progress,
                          std::stop_token stop) {
    if (is_there(object, stat(object, stop), name_)) return;
    const auto at = split_name(object.name);
    const auto way = make_way(at.directory);
    const auto parent = path_of(way.back());
    if (const auto room = free_space(parent, Errc::offsite); room < object.size)
        throw Error(Errc::offsite,
                    fmt::format("cannot copy '{}' ({}) to the remote '{}': only {} are free there",
                                object.name, to_string(object.size), name_, to_string(room)),
                    "make room on that disk, or use a larger one");
    const Place place{parent, (root_ / at.directory).native()};
    place.named([&] {
        copy_file(object, parent / at.leaf, progress, stop);
        // New directories must survive a power cut as well.
        for (const auto& fd : way) sync_names(path_of(fd));
    });
}

Digest DirectoryRemote::get(const Part& part, const fs::path& file, std::stop_token stop) {
    const auto fd = open_object(part.name);
    if (!fd) throw failure("open", part.name, errno);
    IncomingFile incoming(part, file, name_);
    incoming.copy_from(fd.get(), root_ / part.name, stop);
    return incoming.finish();
}

void DirectoryRemote::read(const Part& part, const TakeBlock& take, std::stop_token stop) {
    const auto fd = open_object(part.name);
    if (!fd) throw failure("open", part.name, errno);
    read_through(fd.get(), part.offset.count, part.length.count, root_ / part.name, take, stop,
                 Errc::offsite);
}

// A directory has no hashes: only read() can verify an object.
std::optional<Bytes> DirectoryRemote::free_bytes(std::stop_token) {
    require_mounted();
    return free_space(root_, Errc::offsite);
}

void DirectoryRemote::replace(const Object& object, const UploadProgress& progress,
                              std::stop_token stop) {
    const auto at = split_name(object.name);
    require_mounted();
    const auto way = make_way(at.directory);
    const auto parent = path_of(way.back());
    const Place place{parent, (root_ / at.directory).native()};
    const auto aside = "." + at.leaf + ".damaged";
    const auto drop_aside = [&] {
        if (::unlinkat(way.back().get(), aside.c_str(), 0) != 0 && errno != ENOENT)
            throw failure("remove", (fs::path(at.directory) / aside).native(), errno);
    };
    drop_aside();  // an interrupted repair may have left one
    place.named([&] {
        copy_file(object, parent / aside, progress, stop);
        exchange(way.back().get(), aside, at.leaf);
        sync_names(parent);
    });
    drop_aside();
}

std::string DirectoryRemote::remove(const std::vector<std::string>& names, std::stop_token stop) {
    for (const auto& objects : objects_to_remove(*this, names, stop)) {
        for (const auto& name : objects.names()) {
            if (stop.stop_requested()) throw Error(Errc::cancelled, "the removal was cancelled");
            if (auto refusal = unlink(name); !refusal.empty()) return refusal;
        }
        if (!objects.empties) continue;
        const auto [parent, leaf] = split_name(objects.directory);
        if (const auto fd = open(parent, O_RDONLY | O_DIRECTORY))
            ::unlinkat(fd.get(), leaf.c_str(), AT_REMOVEDIR);
    }
    return {};
}

std::string DirectoryRemote::unlink(const std::string& name) const {
    const auto [directory, leaf] = split_name(name);
    const auto fd = open(directory, O_RDONLY | O_DIRECTORY);
    if (fd && ::unlinkat(fd.get(), leaf.c_str(), 0) == 0) return {};
    const int error = errno;
    if (error == ENOENT) return {};
    const auto failed = failure("remove", name, error);
    const bool forbidden = error == EPERM || error == EACCES || error == EROFS;
    if (!forbidden) throw failed;
    return failed.text();
}

bool is_mount_point(const std::filesystem::path& path) {
    struct statx self {};
    if (::statx(AT_FDCWD, path.c_str(), 0, STATX_TYPE, &self) != 0) return false;
    if ((self.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0)
        return (self.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    // A kernel before 5.8: compare the devices, which does not detect bind mounts.
    struct statx parent {};
    if (::statx(AT_FDCWD, (path / "..").c_str(), 0, STATX_TYPE, &parent) != 0) return false;
    return self.stx_dev_major != parent.stx_dev_major || self.stx_dev_minor != parent.stx_dev_minor;
}

}  // namespace mastobak::offsite
