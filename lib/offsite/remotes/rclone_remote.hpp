// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "offsite/remote.hpp"
#include "offsite/remotes/rclone.hpp"

namespace mastobak::offsite {

/// Whatever rclone can reach.
///
/// Where the remote can rename, an object is uploaded as NAME.partial, looked at, and renamed:
/// such remotes are file systems of some kind, and rclone leaves what it did not finish at the name
/// it was given. One that cannot rename is an object store, where an object appears when it is
/// whole, and gets its name at once: moving it there would copy it.
class RcloneRemote final : public Remote {
 public:
    RcloneRemote(const config::Remote& entry, std::filesystem::path scratch);

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
    struct Abilities {
        bool renames = false;
        std::string hash;           ///< that rclone and we can compute ("md5"), or empty
        bool hashes_bytes = false;  ///< when it is asked; else it has noted them
    };

    /// What the remote can do, asked once, and only of one whose host key is checked.
    const Abilities& abilities(std::stop_token stop);
    RemoteObject::Hash compare(const Object& object, std::stop_token stop);
    /// \param ours what it is to read, if that is on this host
    std::string digest_of(const std::string& path, const std::string& doing, std::stop_token stop,
                          std::vector<std::filesystem::path> ours = {});
    void upload(const Object& object, const std::string& path, const UploadProgress& progress,
                std::stop_token stop);
    /// The listing of the object's directory, which has to have it under that name, whole.
    std::map<std::string, Bytes> require_size(const Object& object, const std::string& leaf,
                                              std::stop_token stop);
    /// What `lsjson` tells of a directory, with one more option; empty if there is none.
    std::string lsjson(const std::string& directory, const char* option, std::stop_token stop);
    std::string path(std::string_view name) const;
    Finished call(std::string doing, std::vector<std::string> arguments, std::stop_token stop,
                  std::vector<int> answers = {},
                  std::vector<std::filesystem::path> reads = {}) const;

    std::string name_;
    std::string target_;
    std::optional<Bytes> bandwidth_;
    std::filesystem::path scratch_;
    Rclone rclone_;
    std::optional<Abilities> abilities_;
};

}  // namespace mastobak::offsite
