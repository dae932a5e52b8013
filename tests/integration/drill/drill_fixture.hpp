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
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A small instance (a database, media that its rows name, secrets), the set that is made of it,
/// and the verbs for spoiling one of them.
class DrillFixture {
 public:
    DrillFixture();

    /// The file of a row of media_attachments, 1 to 20.
    void rewrite(int id, const std::string& contents) const;
    void sql(const std::string& statement) const;
    /// Makes a set of all of it as it is now.
    /// \param change what the set says of itself
    void publish(const std::string& name, const std::function<void(store::Manifest&)>& change = {});

    /// Of the newest set.
    std::filesystem::path part(const std::string& name) const;
    std::filesystem::path pack() const;  ///< its first one
    void flip_bit(const std::filesystem::path& file) const;
    void cut(const std::filesystem::path& file) const;
    /// The newest set's dump is cut, so that no server is begun.
    void without_dump() const { cut(part("database.dump.zst")); }
    /// A remote of type `directory`, called 'disk'.
    std::unique_ptr<restore::SetSource> remote_of(const std::filesystem::path& root) const;

    restore::DrillReport drill(std::stop_token stop = {}, restore::OnDrillProgress progress = {});
    restore::DrillReport drill_from(restore::SetSource& source, std::stop_token stop = {},
                                    restore::OnDrillProgress progress = {});
    /// The error that a drill ends with; one without a text if it does not.
    Error drill_fails();

    TemporaryDirectory directory;
    store::Staging staging{directory / "staging"};
    std::filesystem::path media = directory / "system";
    std::filesystem::path env = directory / "live/.env.production";
    std::string set;  ///< the newest one
    /// Runs between the counts of the next set's rows and its dump. May be empty.
    std::function<void()> after_counts;
    /// Runs between the record of the next set's contents and the dump that it then has. May be empty.
    std::function<void()> after_contents;
    bool recorded_contents = true;  ///< of the next set; else it is as one of before
    std::string missing_list;       ///< missing-media.txt of the next set; empty: none
    restore::DrillOptions options;
    signify::SecretKey signing_key = signify::generate();
    bool sign = false;  ///< the next set, and trust that key alone

 private:
    TemporaryDirectory short_;  ///< a socket's path is
};

/// Secrets as Mastodon makes them; not of any instance.
extern const char* const good_secrets;
/// Encrypted with them, by Active Record's recipe.
extern const char* const encrypted_otp_secret;

/// The check of that name; an empty one if there is none.
postgres::Check check_of(const restore::DrillReport& report, const std::string& name);
/// "dump: …", one line a problem: nothing, if all is well.
std::string problems_of(const restore::DrillReport& report);

}  // namespace mastobak::test
