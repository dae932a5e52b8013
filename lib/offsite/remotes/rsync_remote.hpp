// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/process/process.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/rsync_output.hpp"

namespace mastobak::offsite {

/// A remote account that is accessed with rsync over ssh, with its own key; the account may be
/// restricted to rsync (rrsync). Needs rsync 3.2.3 on both sides.
///
/// rsync writes to a hidden name and renames it. The remains of an interrupted upload stay in the
/// hidden directory '.mastobak-partial' beside the object (for an rrsync account: at its top), and
/// the next attempt continues from there.
class RsyncRemote final : public Remote {
 public:
    RsyncRemote(const config::Remote& entry, std::filesystem::path scratch);

    const std::string& name() const override { return entry_.name; }
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
    /// Returns a directory as a target for rsync, with a slash at its end.
    std::string directory(const std::string& name) const;
    /// \param reach paths that rsync may access in addition to the key and the known hosts
    Command command(std::vector<std::string> arguments, Reach reach = {}) const;
    RsyncListing look_at(const std::string& name, std::stop_token stop) const;
    /// Removes entries of a directory ("a", "b/"; a directory must be empty).
    /// \return why the removal is forbidden; empty when all are removed
    std::string remove_from(const std::string& name, const std::vector<std::string>& entries,
                            const std::stop_token& stop) const;
    /// Runs rsync for one object, as long as it advances.
    Finished transfer(std::vector<std::string> arguments, std::optional<Bytes> bandwidth,
                      const std::string& from, const std::string& to, Reach reach,
                      std::optional<Bytes> largest_file, const UploadProgress& progress,
                      const std::stop_token& stop) const;
    /// \param how options of rsync
    void send(const Object& object, const std::vector<std::string>& how,
              const UploadProgress& progress, std::stop_token stop);
    Digest fetch(const Part& part, const std::filesystem::path& file,
                 std::optional<Bytes> bandwidth, const std::stop_token& stop);
    RemoteObject::Hash compare(const Object& object, std::stop_token stop) const;
    Bytes size_of_whole(const Part& part, const std::stop_token& stop) const;

    config::Remote entry_;
    std::filesystem::path scratch_;
    bool keeps_partial_ = true;
};

/// Returns the ssh command for rsync's option -e, which rsync splits at blanks outside of quotes.
/// Throws Error{offsite} for paths with quotes, which cannot be expressed there.
std::string ssh_command(const config::Remote& entry);

}  // namespace mastobak::offsite
