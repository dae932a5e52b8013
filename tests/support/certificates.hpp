// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace mastobak::test {

/// Certificates and a key as PEM, valid for two days.
struct Certificates {
    std::string root;         ///< certificate of a private authority
    std::string certificate;  ///< certificate of 'localhost', signed by that authority
    std::string key;          ///< private key of `certificate`
};

/// Makes new certificates in each call. Throws when openssl(1) fails.
Certificates certificates_for_localhost();

}  // namespace mastobak::test
