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

/// A remote that is accessed with rclone.
///
/// If the remote can rename, an object is uploaded as NAME.partial, checked, and renamed. Such
/// remotes are file systems of some kind, where rclone leaves an unfinished upload under the name
/// it was given. A remote that cannot rename is an object store. There, an object appears only when
/// it is complete, so it is uploaded under its own name; renaming it would copy it.
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
    std::optional<Bytes> free_bytes(std::stop_token stop) override;
    void replace(const Object& object, const UploadProgress& progress,
                 std::stop_token stop) override;
    std::string remove(const std::vector<std::string>& names, std::stop_token stop) override;

 private:
    struct Abilities {
        bool renames = false;
        std::string hash;           ///< a hash that both sides compute ("md5"), or empty
        bool hashes_bytes = false;  ///< computed on request, not stored at the upload
        bool reports_room = false;  ///< `rclone about` works
    };

    /// Returns the abilities of the remote. They are queried once, after the check that the
    /// configuration pins the host key.
    const Abilities& abilities(std::stop_token stop);
    RemoteObject::Hash compare(const Object& object, std::stop_token stop);
    /// \param ours the local files that rclone reads
    std::string digest_of(const std::string& path, const std::string& doing, std::stop_token stop,
                          std::vector<std::filesystem::path> ours = {});
    void upload(const Object& object, const std::string& path, const UploadProgress& progress,
                std::stop_token stop);
    /// Reads a part of an object.
    void cat(std::string doing, const Part& part, std::optional<Bytes> bandwidth,
             const TakeBlock& take, std::stop_token stop);
    /// Lists the object's directory. Throws Error{offsite} unless it has the object under this name
    /// and with its size.
    std::map<std::string, Bytes> require_size(const Object& object, const std::string& leaf,
                                              std::stop_token stop);
    /// Runs `rclone lsjson` on a directory with one more option. Returns its output; an empty
    /// string when the directory does not exist.
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
