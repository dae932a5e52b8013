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
/// Those of all versions: a database has some of them.
const std::vector<EncryptedColumn>& encrypted_columns();

/// Opens what Active Record Encryption has locked, to prove that the keys are those.
class EncryptionKeys {
 public:
    /// Derives the keys, in about 50 ms. Secrets that are missing open nothing.
    explicit EncryptionKeys(const Environment& environment);

    enum class Outcome { opened, locked, not_encrypted };
    /// \param value of a column
    Outcome open(const std::string& value) const;

 private:
    std::vector<std::string> keys_;
};

}  // namespace mastobak::mastodon
