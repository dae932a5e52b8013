// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/directory_remote.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "core/files.hpp"
#include "offsite/copy_file.hpp"
#include "offsite/going_objects.hpp"
#include "offsite/incoming_file.hpp"
#include "offsite/mount_point.hpp"
#include "offsite/object_name.hpp"

namespace mastobak::offsite {
namespace fs = std::filesystem;

DirectoryRemote::DirectoryRemote(const config::Remote& entry)
    : name_(entry.name), root_(entry.target), mounted_(entry.mounted) {
    if (!root_.has_filename()) root_ = root_.parent_path();  // "/mnt/disk/"
}

// The target itself or the directory that it is in: further up, "/srv" being a file system of its
// own would pass for a disk that is missing at "/srv/backup/disk".
void DirectoryRemote::require_mounted() const {
    if (!mounted_ || is_mount_point(root_) || is_mount_point(root_.parent_path())) return;
    throw Error(Errc::offsite,
                fmt::format("nothing is mounted at '{}' of the remote '{}', nor at the directory "
                            "above it",
                            root_.native(), name_),
                "plug in and mount the disk; or, if it is no file system of its own, remove "
                "'mounted: true'");
}

void DirectoryRemote::check(std::stop_token) {
    require_mounted();
    make_directories(root_, 0700, Errc::offsite);
    try_place(root_);
}

void DirectoryRemote::each_entry(
    const std::string& directory,
    const std::function<void(const fs::directory_entry&, const std::string&)>& take) const {
    require_mounted();
    try {
        if (!fs::exists(root_ / directory)) return;
        for (const auto& entry : fs::directory_iterator(root_ / directory))
            if (const auto leaf = entry.path().filename().native(); !leaf.starts_with('.'))
                take(entry, leaf);
    } catch (const fs::filesystem_error& e) {
        throw errno_error(Errc::offsite, fmt::format("list '{}'", (root_ / directory).native()),
                          e.code().value());
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

std::optional<RemoteObject> DirectoryRemote::stat(const Object& object, std::stop_token stop) {
    split_name(object.name);
    require_mounted();
    const auto path = root_ / object.name;
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error == std::errc::no_such_file_or_directory) return std::nullopt;
    if (error)
        throw errno_error(Errc::offsite, fmt::format("look at '{}'", path.native()), error.value());
    using Hash = RemoteObject::Hash;
    if (Bytes{size} != object.size) return RemoteObject{{size}, Hash::different};
    const bool equal = sha256_of_file(path, std::move(stop)) == object.sha256;
    return RemoteObject{{size}, equal ? Hash::equal : Hash::different};
}

void DirectoryRemote::put(const Object& object, const UploadProgress& progress,
                          std::stop_token stop) {
    if (is_there(object, stat(object, stop), name_)) return;
    const auto path = root_ / object.name;
    make_directories(path.parent_path(), 0700, Errc::offsite);
    if (const auto room = free_space(path.parent_path(), Errc::offsite); room < object.size)
        throw Error(Errc::offsite,
                    fmt::format("cannot copy '{}' ({}) to the remote '{}': only {} are free there",
                                object.name, to_string(object.size), name_, to_string(room)),
                    "make room on that disk, or use a larger one");
    copy_file(object, path, progress, stop);
    // The directories that are new have to survive a power cut as well.
    for (auto directory = path.parent_path(); directory != root_.parent_path();
         directory = directory.parent_path())
        sync_names(directory);
}

Digest DirectoryRemote::get(const Part& part, const fs::path& file, std::stop_token stop) {
    split_name(part.name);
    require_mounted();
    IncomingFile incoming(part, file, name_);
    incoming.copy_from(root_ / part.name, stop);
    return incoming.finish();
}

std::string DirectoryRemote::remove(const std::vector<std::string>& names, std::stop_token stop) {
    for (const auto& objects : going_objects(*this, names, stop)) {
        for (const auto& name : objects.names()) {
            if (stop.stop_requested()) throw Error(Errc::cancelled, "the removal was cancelled");
            if (auto refusal = unlink(name); !refusal.empty()) return refusal;
        }
        std::error_code ignored;
        if (objects.empties) fs::remove(root_ / objects.directory, ignored);
    }
    return {};
}

std::string DirectoryRemote::unlink(const std::string& name) const {
    const auto path = root_ / name;
    std::error_code error;
    fs::remove(path, error);
    if (!error) return {};
    const auto failure =
        errno_error(Errc::offsite, fmt::format("remove '{}'", path.native()), error.value());
    const bool forbidden = error == std::errc::operation_not_permitted ||
                           error == std::errc::permission_denied ||
                           error == std::errc::read_only_file_system;
    if (!forbidden) throw failure;
    return failure.text();
}

}  // namespace mastobak::offsite
