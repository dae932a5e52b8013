// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"

namespace mastobak::offsite {

/// An object to copy. The name is relative to the remote's root ("media/x.tar",
/// "sets/S/manifest.json").
struct Object {
    std::string name;
    std::filesystem::path file;  ///< the local file; has the same last component as `name`
    Bytes size;
    Digest sha256;
};

/// A part of an object at a remote. For the whole object, the offset is 0 and the length is its
/// size.
struct Part {
    std::string name;
    Bytes offset;
    Bytes length;
    /// Size of the whole object if known, otherwise 0. rsync always transfers the whole object, and
    /// uses this as the limit; with 0, rsync queries the size first.
    Bytes whole{};
};

/// What a remote reports about an object.
struct RemoteObject {
    Bytes size;
    /// The result of comparing the contents; `equal` and `different` rely on a hash that the remote
    /// supports.
    enum class Hash { unknown, equal, different } hash = Hash::unknown;
};

/// Receives the number of bytes of the object sent so far. Not called when the object is there
/// already.
using UploadProgress = std::function<void(Bytes)>;

/// Receives the next block of data. An exception thrown here ends the reading.
using TakeBlock = std::function<void(std::span<const std::byte>)>;

/// A place off-site. All calls block, so use it on the pool, with one call at a time. The three
/// implementations and the fake pass the same contract tests.
class Remote {
 public:
    virtual ~Remote() = default;
    virtual const std::string& name() const = 0;

    /// Checks that the remote can be reached and written to. Writes a file '.mastobak-check' there,
    /// and removes it if the remote permits that.
    /// Throws Error{offsite} with a hint.
    virtual void check(std::stop_token stop) = 0;
    /// Returns the names and sizes of the files in a directory of the remote ("media"); empty when
    /// there is no such directory. Hidden files (with a leading dot) are excluded, because they are
    /// remains of interrupted uploads. Makes 1 request, whatever the number of files.
    virtual std::map<std::string, Bytes> list(const std::string& directory,
                                              std::stop_token stop) = 0;
    /// Returns the names of the directories in a directory of the remote ("sets"), except hidden
    /// ones. An object store has no empty directories; other remotes may have some. Makes 1
    /// request.
    virtual std::set<std::string> directories(const std::string& directory,
                                              std::stop_token stop) = 0;
    /// Compares an object at the remote with the local one; nullopt when it is not there. If the
    /// remote has hashes, both sides may have to read the whole object.
    virtual std::optional<RemoteObject> stat(const Object& object, std::stop_token stop) = 0;
    /// Copies an object to the remote. The object becomes visible under its name only when it is
    /// complete, and is never overwritten. If the remote has an object of that name with the same
    /// size (and the same hash, if available), nothing is copied; a different object is an
    /// Error{offsite}.
    /// Throws Error{offsite}, Error{cancelled}; Error{corrupt} when the local file is not as it was
    /// published.
    virtual void put(const Object& object, const UploadProgress& progress,
                     std::stop_token stop) = 0;
    /// Fetches a part of an object into a file. rsync transfers the whole object for this.
    /// \param file must not exist, its directory must exist; it is removed after a failure
    /// \return the SHA-256 of the received data, which the caller must compare with the expected
    ///        one
    /// Throws Error{offsite}, also when the object is missing or too short; Error{cancelled}.
    virtual Digest get(const Part& part, const std::filesystem::path& file,
                       std::stop_token stop) = 0;
    /// Reads a part of an object and passes it on in order, no faster than `bandwidth` of the
    /// remote. It writes no data to a local disk, except with rsync, which first transfers the
    /// whole object into the scratch directory.
    /// Throws as get() does, and what `take` throws.
    virtual void read(const Part& part, const TakeBlock& take, std::stop_token stop) = 0;
    /// Returns which hash stat() compares, if the remote computes it by reading the stored bytes
    /// during the call: "sha256", "md5", "sha1", or "rsync" for rsync's own. Empty when the remote
    /// has no hash, or only one that it stored at the upload, because that proves nothing about its
    /// disk today. For all but "sha256", stat() reads the local `file` of the object, which must
    /// exist.
    /// Throws Error{offsite}, Error{cancelled}.
    virtual std::string hash_of_bytes(std::stop_token) { return {}; }
    /// Returns the number of bytes that are free at the remote; nullopt when it does not report that,
    /// as most object stores and rsync do not.
    /// Throws Error{offsite}, Error{cancelled}.
    virtual std::optional<Bytes> free_bytes(std::stop_token) { return std::nullopt; }
    /// Replaces a damaged object. The new object is first uploaded completely under another name.
    /// A directory then exchanges the two names in one step, where its file system can do that
    /// (RENAME_EXCHANGE). Another remote that can rename first renames the damaged object and then
    /// the new one. Finally, the damaged object is removed. An object store and rsync replace the
    /// damaged object with the complete new one in one step.
    /// Throws as put() does. After an error, the name may have the damaged object, the new one, or,
    /// between the two renames, none.
    virtual void replace(const Object& object, const UploadProgress& progress,
                         std::stop_token stop) = 0;
    /// Removes objects, and the directory of a set when it becomes empty. A missing object is not
    /// an error.
    /// \return the remote's message when it forbids removal (an append-only account, object lock),
    ///        which is not an error; empty when all objects are removed
    /// Throws Error{offsite}, Error{cancelled}. After an error, as after a refusal, some of the
    /// objects may be removed.
    [[nodiscard]] virtual std::string remove(const std::vector<std::string>& names,
                                             std::stop_token stop) = 0;
};

}  // namespace mastobak::offsite
