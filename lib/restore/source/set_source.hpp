// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "core/bytes.hpp"
#include "media/index/index.hpp"
#include "restore/selection.hpp"
#include "restore/source/pack_source.hpp"
#include "store/formats/manifest.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::restore {

/// An index of a set's media, or of the selected part of it.
struct MediaIndex {
    media::IndexFiles file;
    Bytes size;  ///< number of bytes that were read at the source for it
};

/// A place that has sets: a staging directory or a copy of one, or a remote. It compares all files
/// that it returns with the hashes in the set.
class SetSource {
 public:
    virtual ~SetSource() = default;
    /// Returns the name for messages: "'/var/lib/mastobak/staging'", "remote 'b2'".
    virtual const std::string& name() const = 0;
    /// Returns the names of the sets, oldest first. Throws Error{offsite}, Error{staging},
    /// Error{cancelled}.
    virtual std::vector<std::string> list(std::stop_token stop) = 0;
    /// Reads the manifest of a set and checks the set's signature: see foreign().
    /// Throws Error{corrupt} when the manifest does not match SHA256SUMS beside it, and the errors
    /// of list().
    virtual store::Manifest manifest(const std::string& set, std::stop_token stop) = 0;
    /// Returns the path of a file of the set, of its base or of the base of its index, complete. It can be read as long as
    /// this object exists.
    /// \param artifact "config.tar.zst", or the name of a base
    /// Throws Error{corrupt} when the file is missing or does not match the manifest, and the
    /// errors of list().
    virtual std::filesystem::path artifact(const store::Manifest& manifest,
                                           const std::string& artifact, std::stop_token stop) = 0;
    /// Returns an index that has at least the selected paths, and the files that hard links among
    /// them point to. It can be read as long as this object exists. A remote source fetches only
    /// the parts that it needs of an index, if the set has a list of the parts.
    /// Throws the errors of artifact().
    virtual MediaIndex index(const store::Manifest& manifest, const Selection& selection,
                             std::stop_token stop) = 0;
    /// Returns the packs. They can be read as long as this object exists.
    virtual std::unique_ptr<PackSource> packs(std::stop_token stop) = 0;
    /// Returns whether files are copied into the scratch directory before they are read.
    virtual bool is_far() const { return false; }
    /// Returns how many bytes came over the network so far, except bytes of packs.
    virtual Bytes fetched() const { return {}; }
    /// Returns how long the requests to the network took.
    virtual TimeFit fetch_times() const { return {}; }

    /// Sets the keys that count as this host's own. Without a key, no set is known to be our own.
    void trust(std::vector<signify::PublicKey> keys) { keys_ = std::move(keys); }
    bool has_keys() const { return !keys_.empty(); }
    /// Returns why the set whose manifest() was read last is not known to be our own; empty if a
    /// trusted key has signed it.
    const std::string& foreign() const { return foreign_; }
    /// These return SHA256SUMS and its signature, of the set whose manifest() was read last.
    const std::string& sums() const { return sums_; }
    const std::optional<std::string>& signature() const { return signature_; }
    const std::vector<signify::PublicKey>& keys() const { return keys_; }
    /// Why newer sets do not count as the newest one, one line each: see find_set.
    std::vector<std::string> passed_over{};

 protected:
    /// \param signature contents of the signature file; empty if the file is too large for a
    ///                  signature, nullopt if there is no such file
    void note_signature(std::string sums, std::optional<std::string> signature) {
        sums_ = std::move(sums);
        signature_ = std::move(signature);
        foreign_ = keys_.empty() ? "there is no key here to check its signature with"
                                 : store::why_foreign(sums_, signature_.value_or(""), keys_);
    }

 private:
    std::vector<signify::PublicKey> keys_;
    std::string foreign_;
    std::string sums_;
    std::optional<std::string> signature_;
};

/// Returns the sets of a staging directory, or of a copy of one.
/// \param remotes remotes with the packs that were evicted from staging (staging.keep_packs)
/// \param scratch a directory of its own, which is created when it is needed
std::unique_ptr<SetSource> sets_in(std::filesystem::path directory,
                                   std::vector<config::Remote> remotes,
                                   std::filesystem::path scratch);

/// Returns the sets of a remote.
/// \param scratch directory for fetched files, created when it is missing
std::unique_ptr<SetSource> sets_at(config::Remote remote, std::filesystem::path scratch);

}  // namespace mastobak::restore
