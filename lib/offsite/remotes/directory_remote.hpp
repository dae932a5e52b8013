// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "core/error.hpp"
#include "core/files/unique_fd.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// A remote in a directory of this host: a second disk, a network file system.
///
/// put() writes an object to a hidden file beside it, syncs it, reads it back from the disk,
/// compares it with the digest in the manifest, and renames it.
class DirectoryRemote final : public Remote {
 public:
    explicit DirectoryRemote(const config::Remote& entry);

    const std::string& name() const override { return name_; }
    void check(std::stop_token stop) override;
    std::map<std::string, Bytes> list(const std::string& directory, std::stop_token stop) override;
    std::set<std::string> directories(const std::string& directory, std::stop_token stop) override;
    std::optional<RemoteObject> stat(const Object& object, std::stop_token stop) override;
    void put(const Object& object, const UploadProgress& progress, std::stop_token stop) override;
    Digest get(const Part& part, const std::filesystem::path& file, std::stop_token stop) override;
    void read(const Part& part, const TakeBlock& take, std::stop_token stop) override;
    std::optional<Bytes> free_bytes(std::stop_token stop) override;
    void replace(const Object& object, const UploadProgress& progress,
                 std::stop_token stop) override;
    std::string remove(const std::vector<std::string>& names, std::stop_token stop) override;

 private:
    /// With `mounted` in the configuration, throws Error{offsite} while no disk is mounted there.
    void require_mounted() const;
    /// Opens an entry without following symlinks. Returns an empty descriptor and sets errno on
    /// failure.
    /// \param name empty for the root
    UniqueFd open(const std::string& name, int flags) const;
    /// Opens a regular file. Returns an empty descriptor and sets errno on failure.
    UniqueFd open_object(const std::string& name) const;
    std::vector<UniqueFd> make_way(const std::string& directory) const;
    Error failure(const char* doing, const std::string& name, int error) const;
    /// Calls `take` with each entry that is not hidden, and its name.
    void each_entry(const std::string& directory,
                    const std::function<void(const std::filesystem::directory_entry&,
                                             const std::string&)>& take) const;
    /// \return why the removal is forbidden; empty when the file is removed
    std::string unlink(const std::string& name) const;

    std::string name_;
    std::filesystem::path root_;
    bool mounted_;
};

/// Returns whether a file system is mounted on exactly this directory (bind mounts count).
/// \return false also when the path does not exist
/// Source: statx(2), STATX_ATTR_MOUNT_ROOT.
bool is_mount_point(const std::filesystem::path& path);

}  // namespace mastobak::offsite
