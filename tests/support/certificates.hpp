// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace mastobak::test {

/// PEM, good for two days.
struct Certificates {
    std::string root;         ///< of a private authority
    std::string certificate;  ///< of 'localhost', signed by it
    std::string key;          ///< of that one
};

/// Made anew in each call. Throws where openssl(1) fails.
Certificates certificates_for_localhost();

}  // namespace mastobak::test
