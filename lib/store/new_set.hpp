// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/crypto/signify.hpp"
#include "store/formats/manifest.hpp"
#include "store/staging.hpp"

namespace mastobak::store {

/// A set that is being made, in partial/SET. The destructor removes it unless it was published.
class NewSet {
 public:
    /// Throws Error{staging}, also when there is already a set of that name.
    NewSet(const Staging& staging, std::string name);
    ~NewSet();
    NewSet(const NewSet&) = delete;
    NewSet& operator=(const NewSet&) = delete;

    const std::string& name() const { return name_; }
    std::filesystem::path directory() const;       ///< partial/SET
    std::filesystem::path pack_directory() const;  ///< partial/SET-media
    /// Adds a finished file in directory(), with its size and digest as they were computed while
    /// the file was written.
    void add(Artifact artifact);
    /// With a key, publish() writes SHA256SUMS.sig, and RESTORE.md says how to check it.
    void sign_with(signify::SecretKey key) { key_ = key; }

    /// Publishes the set: reads every artifact and new pack back and compares size and digest,
    /// writes RESTORE.md, manifest.json and SHA256SUMS, fsyncs, moves the new packs that the
    /// manifest names to media/ and a new base to database/, and then moves the set to sets/ by one
    /// rename. New packs are those in pack_directory(), where a new base is as well, and unfinished/.
    /// If a new pack is off-site only, its record is moved to away/ instead. All other packs that the
    /// manifest names have to be in media/ or away/, and an older base in database/. Packs that the
    /// manifest does not name are removed in the end.
    /// \return the manifest as published, with its artifacts
    /// Throws Error{staging}, Error{corrupt}, Error{cancelled}; the set is not visible then.
    Manifest publish(Manifest manifest, std::stop_token stop);

 private:
    /// \return the files that have to be moved, each with its destination
    std::vector<std::pair<std::filesystem::path, std::filesystem::path>> check_packs(
        const Manifest& manifest, const std::stop_token& stop) const;
    void check_unfinished(const PackReference& pack, const std::stop_token& stop) const;
    void remove_unfinished() const noexcept;
    void write_description(const std::string& name, const std::string& text) const;
    void write_descriptions(Manifest& manifest) const;
    void remove_leftovers() noexcept;

    const Staging staging_;
    const std::string name_;
    std::vector<Artifact> artifacts_;
    std::optional<signify::SecretKey> key_;
};

}  // namespace mastobak::store
