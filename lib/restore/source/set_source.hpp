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
#include "restore/selection.hpp"
#include "restore/source/pack_source.hpp"
#include "store/formats/manifest.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::restore {

/// An index of a set's media, or of as much of it as was asked for.
struct MediaIndex {
    std::filesystem::path file;
    Bytes size;  ///< what was read at its place for it
};

/// A place that has sets: a staging directory or a copy of one, or a remote. What comes from it
/// was compared with the hashes in the set.
class SetSource {
 public:
    virtual ~SetSource() = default;
    /// For people: "'/var/lib/mastobak/staging'", "remote 'b2'".
    virtual const std::string& name() const = 0;
    /// Names of the sets, oldest first. Throws Error{offsite}, Error{staging}, Error{cancelled}.
    virtual std::vector<std::string> list(std::stop_token stop) = 0;
    /// Looks at the signature as well: see foreign().
    /// Throws Error{corrupt} when it is not what SHA256SUMS beside it says; and as list does.
    virtual store::Manifest manifest(const std::string& set, std::stop_token stop) = 0;
    /// A file of the set, whole, where it can be read until this object is gone.
    /// \param artifact "media.index.zst"
    /// Throws Error{corrupt} when it is missing or not what the manifest says; and as list does.
    virtual std::filesystem::path artifact(const store::Manifest& manifest,
                                           const std::string& artifact, std::stop_token stop) = 0;
    /// An index that has at least what is selected, and the files that hard links among it point
    /// to; where it can be read until this object is gone. Of a whole index that is far away, only
    /// the parts that this takes are fetched, where the set has a list of them. Throws as artifact
    /// does.
    virtual MediaIndex index(const store::Manifest& manifest, const Selection& selection,
                             std::stop_token stop) = 0;
    /// The packs, as long as this object lives.
    virtual std::unique_ptr<PackSource> packs(std::stop_token stop) = 0;
    /// What is taken from it is copied into the scratch directory first.
    virtual bool is_far() const { return false; }
    /// What came over a network so far, but for packs.
    virtual Bytes fetched() const { return {}; }
    /// How long that took, by request.
    virtual TimeFit fetch_times() const { return {}; }

    /// Whose sets are ours; without a key nothing is known of any.
    void trust(std::vector<signify::PublicKey> keys) { keys_ = std::move(keys); }
    bool has_keys() const { return !keys_.empty(); }
    /// Why the set whose manifest() was read last is not known to be ours; empty: we signed it.
    const std::string& foreign() const { return foreign_; }
    /// SHA256SUMS and its signature, of the set whose manifest() was read last.
    const std::string& sums() const { return sums_; }
    const std::optional<std::string>& signature() const { return signature_; }
    const std::vector<signify::PublicKey>& keys() const { return keys_; }
    /// Why a newer set was not taken for the newest one, one line each: see find_set.
    std::vector<std::string> passed_over{};

 protected:
    /// \param signature contents of its file, or none where that cannot be one; nothing: there is
    /// no such file
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

}  // namespace mastobak::restore
