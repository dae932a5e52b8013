// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "core/error.hpp"
#include "core/unique_fd.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// A directory of this host: a second disk, a network file system.
///
/// An object is copied to a hidden name beside, fsynced, read back from the disk and compared with
/// the manifest's digest, and then renamed.
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
    std::string hash_of_bytes(std::stop_token stop) override;
    void replace(const Object& object, const UploadProgress& progress,
                 std::stop_token stop) override;
    std::string remove(const std::vector<std::string>& names, std::stop_token stop) override;

 private:
    /// With `mounted`, nothing is read or written while the disk is not plugged in.
    void require_mounted() const;
    /// What has that name, through no symlink; nothing on failure, with errno.
    /// \param name empty: the root
    UniqueFd open(const std::string& name, int flags) const;
    /// A regular file of that name; nothing on failure, with errno.
    UniqueFd open_object(const std::string& name) const;
    std::vector<UniqueFd> make_way(const std::string& directory) const;
    Error failure(const char* doing, const std::string& name, int error) const;
    /// Calls for each entry that is not hidden, with its name.
    void each_entry(const std::string& directory,
                    const std::function<void(const std::filesystem::directory_entry&,
                                             const std::string&)>& take) const;
    /// Returns why that is forbidden, or nothing.
    std::string unlink(const std::string& name) const;

    std::string name_;
    std::filesystem::path root_;
    bool mounted_;
};

}  // namespace mastobak::offsite
