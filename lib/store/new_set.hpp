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

/// A set in the making, in partial/SET; removed by the destructor unless published.
class NewSet {
 public:
    /// Throws Error{staging}, also when there is a set of that name already.
    NewSet(const Staging& staging, std::string name);
    ~NewSet();
    NewSet(const NewSet&) = delete;
    NewSet& operator=(const NewSet&) = delete;

    const std::string& name() const { return name_; }
    std::filesystem::path directory() const;       ///< partial/SET
    std::filesystem::path pack_directory() const;  ///< partial/SET-media
    /// A finished file in directory(); its size and digest as they were while it was written.
    void add(Artifact artifact);
    /// publish() writes SHA256SUMS.sig, and RESTORE.md says how to check it.
    void sign_with(signify::SecretKey key) { key_ = key; }

    /// Checks every artifact and new pack (size and digest, read back), writes RESTORE.md,
    /// manifest.json and SHA256SUMS, fsyncs, moves the new packs that the manifest names to media/
    /// and then the set to sets/ by one rename. New are those in pack_directory() and in
    /// unfinished/, of which what the manifest does not name is removed in the end; one that is
    /// away gets its record into away/ instead. All others have to be in media/ or in away/
    /// already.
    /// Returns the manifest as published, with the artifacts filled in.
    /// Throws Error{staging}, Error{corrupt}, Error{cancelled}; nothing is visible then.
    Manifest publish(Manifest manifest, std::stop_token stop);

 private:
    /// \return what has to be moved into sight
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
