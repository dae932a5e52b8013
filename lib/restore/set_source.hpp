// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/bytes.hpp"
#include "restore/pack_source.hpp"
#include "restore/selection.hpp"
#include "store/manifest.hpp"
#include "store/signature.hpp"

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

    /// Whose sets are ours; without a key nothing is known of any.
    void trust(std::vector<signify::PublicKey> keys) { keys_ = std::move(keys); }
    bool has_keys() const { return !keys_.empty(); }
    /// Why the set whose manifest() was read last is not known to be ours; empty: we signed it.
    const std::string& foreign() const { return foreign_; }
    /// Why a newer set was not taken for the newest one, one line each: see find_set.
    std::vector<std::string> passed_over{};

 protected:
    void note_signature(std::string_view sums, std::string_view signature) {
        foreign_ = keys_.empty() ? "there is no key here to check its signature with"
                                 : store::why_foreign(sums, signature, keys_);
    }

 private:
    std::vector<signify::PublicKey> keys_;
    std::string foreign_;
};

/// A staging directory, or a copy of one.
/// \param remotes that have packs which are not there any more (staging.keep_packs)
/// \param scratch a directory of its own, made when something is put there
std::unique_ptr<SetSource> sets_in(std::filesystem::path directory,
                                   std::vector<config::Remote> remotes,
                                   std::filesystem::path scratch);

/// A remote.
std::unique_ptr<SetSource> sets_at(config::Remote remote, std::filesystem::path scratch);

/// What `--from` means: the name of a configured remote, "rclone:b2:bucket/path",
/// "rsync:user@host:/path", or a directory (with a '/' in it). Empty: staging alone.
/// Throws Error{usage} with what there is.
/// It trusts the keys of the state directory, and one more.
/// \param key that an admin has given; nothing: none
std::unique_ptr<SetSource> find_source(const config::Config& config, const std::string& from,
                                       const std::filesystem::path& scratch,
                                       const std::optional<signify::PublicKey>& key = {});

/// A set, and a place that has it.
struct FoundSet {
    std::unique_ptr<SetSource> source;
    std::string name;
    /// Why it does not come from the place before: "there is no backup set in '/…'".
    std::vector<std::string> passed_over{};
};

/// The first place that has a set that is wanted: `from` alone (find_source), or staging and then
/// the remotes of the configuration, in their order.
/// \param wanted see find_set; ignored with `before`, see find_set_before
/// Throws as these do, with what the first place said when none has it.
FoundSet find_set_anywhere(const config::Config& config, const std::string& from,
                           const std::string& wanted, const std::string& before,
                           const std::filesystem::path& scratch, std::stop_token stop,
                           const std::optional<signify::PublicKey>& key = {});

/// The remote of the configuration that has the newest set of those that are wanted; nothing where
/// none has one.
/// Throws Error{offsite} when none has one and one of them is out of reach; Error{cancelled}.
std::optional<FoundSet> find_newest_off_site(const config::Config& config,
                                             const std::string& wanted,
                                             const std::filesystem::path& scratch,
                                             std::stop_token stop);

/// The set of that name; for "latest" and "" the newest one that we signed, or where none is (or
/// there is no key), the newest one.
/// Throws Error{usage} when there is none.
std::string find_set(SetSource& source, const std::string& name, std::stop_token stop);

/// The newest set that was begun before a date or time of UTC ("2026-11-22", "2026-11-22T03:00").
/// Throws Error{usage} when there is none, or that is no date.
std::string find_set_before(SetSource& source, const std::string& date, std::stop_token stop);

}  // namespace mastobak::restore
