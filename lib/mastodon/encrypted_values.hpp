// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mastodon/instance.hpp"

namespace mastobak::mastodon {

/// A column whose values Mastodon encrypts with ACTIVE_RECORD_ENCRYPTION_*.
struct EncryptedColumn {
    std::string_view table;
    std::string_view name;
};
/// Returns these columns of all versions of Mastodon; a database has only some of them.
const std::vector<EncryptedColumn>& encrypted_columns();

/// Decrypts values of Active Record Encryption, which proves that the keys are the right ones.
class EncryptionKeys {
 public:
    /// Derives the keys, which takes about 50 ms. With missing secrets, no value can be decrypted.
    explicit EncryptionKeys(const Environment& environment);

    enum class Outcome { opened, locked, not_encrypted };
    /// Tries to decrypt a value.
    /// \param value the value of an encrypted column
    Outcome open(const std::string& value) const;

 private:
    std::vector<std::string> keys_;
};

}  // namespace mastobak::mastodon
