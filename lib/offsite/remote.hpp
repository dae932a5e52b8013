// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
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

/// An object to be copied: name relative to the remote's root ("media/x.tar",
/// "sets/S/manifest.json").
struct Object {
    std::string name;
    std::filesystem::path file;  ///< its last component is the object's
    Bytes size;
    Digest sha256;
};

/// A part of an object that a remote has; of a whole one, its beginning and its size.
struct Part {
    std::string name;
    Bytes offset;
    Bytes length;
    /// Size of the object, where it is known: rsync, which transfers the whole of it, takes no more
    /// than that. Zero: rsync asks for it first.
    Bytes whole{};
};

/// What a remote says of an object that it has.
struct RemoteObject {
    Bytes size;
    /// What is known of its contents: equal means checked by a hash of the remote.
    enum class Hash { unknown, equal, different } hash = Hash::unknown;
};

/// Bytes of the object sent so far. Not called for what is there already.
using UploadProgress = std::function<void(Bytes)>;

/// Takes a block of what is read and not kept. What it throws ends the reading.
using TakeBlock = std::function<void(std::span<const std::byte>)>;

/// A place off-site. Blocks, so use it on the pool; one call at a time.
/// The three real ones and the fake pass the same contract suite.
class Remote {
 public:
    virtual ~Remote() = default;
    virtual const std::string& name() const = 0;

    /// Whether it can be reached and written to. Writes a file '.mastobak-check' there and removes
    /// it again where the remote lets it.
    /// Throws Error{offsite} with a hint.
    virtual void check(std::stop_token stop) = 0;
    /// Names and sizes of the files in a directory of the remote ("media"); empty if there is no
    /// such directory. Hidden ones (a leading dot) are what interrupted uploads left, and are left
    /// out. One request, however many there are.
    virtual std::map<std::string, Bytes> list(const std::string& directory,
                                              std::stop_token stop) = 0;
    /// Names of the directories in a directory of the remote ("sets"), but for hidden ones. An
    /// object store has those that something is in; others may have empty ones. One request.
    virtual std::set<std::string> directories(const std::string& directory,
                                              std::stop_token stop) = 0;
    /// The object as it is there, compared with ours; nothing if it is not there. Where the remote
    /// has hashes, it (and we) may have to read the whole object for it.
    virtual std::optional<RemoteObject> stat(const Object& object, std::stop_token stop) = 0;
    /// Copies an object. It is visible under its name only when whole, and never overwritten:
    /// one of the same size (and hash, where there is one) that is there already is left as it is;
    /// a different one is Error{offsite}.
    /// Throws Error{offsite}, Error{cancelled}; Error{corrupt} when our own file is not what it was
    /// published as.
    virtual void put(const Object& object, const UploadProgress& progress,
                     std::stop_token stop) = 0;
    /// Fetches a part of an object. rsync transfers the whole of it even so.
    /// \param file that does not exist yet, in a directory that does; there is none after a failure
    /// Returns the SHA-256 of what came: what it should be is for the caller to know and compare.
    /// Throws Error{offsite}, also when the object is not there or is shorter; Error{cancelled}.
    virtual Digest get(const Part& part, const std::filesystem::path& file,
                       std::stop_token stop) = 0;
    /// Reads a part of an object and hands it on in order, no faster than `bandwidth` of the remote.
    /// Nothing of it is written to a disk here, but with rsync, which transfers all of the object
    /// into the scratch directory first.
    /// Throws as get() does, and what `take` throws.
    virtual void read(const Part& part, const TakeBlock& take, std::stop_token stop) = 0;
    /// The hash that stat() compares when the remote computes it by reading the object's bytes in
    /// that moment: "sha256", "md5", "sha1", or "rsync" for rsync's own. Empty: it has none, or
    /// only what it noted when the object came, which says nothing of its disk today. For all but
    /// "sha256", stat() reads `file` of the object, which has to be there.
    /// Throws Error{offsite}, Error{cancelled}.
    virtual std::string hash_of_bytes(std::stop_token stop) = 0;
    /// Puts an object in the place of a damaged one. It is there as a whole under another name,
    /// and compared, before it gets this one; the damaged one is moved aside for that, and removed
    /// at the end. An object store, which cannot rename, and rsync replace in one step what they
    /// have, with an object that is whole.
    /// Throws as put() does; the damaged one is still there then, at its place or aside.
    virtual void replace(const Object& object, const UploadProgress& progress,
                         std::stop_token stop) = 0;
    /// Removes objects, and the directory of a set when nothing is left in it. Names that are not
    /// there are fine.
    /// Returns the words with which the remote forbids it: append-only accounts and object lock are
    /// not failures. Empty: all of them are gone.
    /// Throws Error{offsite}, Error{cancelled}; as after a refusal, some may be gone then.
    [[nodiscard]] virtual std::string remove(const std::vector<std::string>& names,
                                             std::stop_token stop) = 0;
};

}  // namespace mastobak::offsite
