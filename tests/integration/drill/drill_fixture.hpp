// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/crypto/signify.hpp"
#include "core/error.hpp"
#include "restore/drill/drill.hpp"
#include "store/staging.hpp"
#include "support/index_as.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A small instance (a database, media that its rows name, secrets), a set of it, and functions
/// that damage one of them.
class DrillFixture {
 public:
    DrillFixture();

    /// Replaces the contents of the file of a row of media_attachments.
    /// \param id 1 to 20
    void rewrite(int id, const std::string& contents) const;
    void sql(const std::string& statement) const;
    /// Makes a set of the current instance.
    /// \param change may change the manifest
    void publish(const std::string& name, const std::function<void(store::Manifest&)>& change = {});

    /// Returns the path of a file of the newest set.
    std::filesystem::path part(const std::string& name) const;
    std::filesystem::path pack() const;  ///< the first pack of the newest set
    void flip_bit(const std::filesystem::path& file) const;
    void cut(const std::filesystem::path& file) const;
    /// Truncates the newest set's dump, so that a drill starts no server.
    void without_dump() const { cut(part("database.dump.zst")); }
    /// Returns a source that reads a remote of type `directory` with the name 'disk'.
    std::unique_ptr<restore::SetSource> remote_of(const std::filesystem::path& root) const;

    restore::DrillReport drill(std::stop_token stop = {}, restore::OnDrillProgress progress = {});
    restore::DrillReport drill_from(restore::SetSource& source, std::stop_token stop = {},
                                    restore::OnDrillProgress progress = {});
    /// Makes a drill, and returns its error; an error without a text if the drill does not fail.
    Error drill_fails();

    TemporaryDirectory directory;
    store::Staging staging{directory / "staging"};
    std::filesystem::path media = directory / "system";
    std::filesystem::path env = directory / "live/.env.production";
    std::string set;  ///< name of the newest set
    /// Runs between the counts of the next set's rows and its dump. May be empty.
    std::function<void()> after_counts;
    /// Runs between the record of the next set's contents and its dump. May be empty.
    std::function<void()> after_contents;
    bool recorded_contents = true;  ///< the next set has a record, unlike sets of older versions
    std::string missing_list;       ///< missing-media.txt of the next set; empty: none
    restore::DrillOptions options;
    signify::SecretKey signing_key = signify::generate();
    bool sign = false;                  ///< sign the next set, and trust only this key
    IndexAs index_as = IndexAs::whole;  ///< how the next set stores its index

 private:
    TemporaryDirectory short_;  ///< has a short path, because the path of a socket must be short
};

/// Secrets in Mastodon's format, which no instance uses.
extern const char* const good_secrets;
/// A value that is encrypted with these secrets as Active Record does it.
extern const char* const encrypted_otp_secret;

/// Returns the check with this name; an empty one if the report does not have it.
postgres::Check check_of(const restore::DrillReport& report, const std::string& name);
/// Returns "dump: …", one line per problem; empty if there is no problem.
std::string problems_of(const restore::DrillReport& report);

}  // namespace mastobak::test
