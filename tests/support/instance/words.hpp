// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "random.hpp"

namespace mastobak::instance {

/// Makes text that compresses like real text: words of an invented language, few of them frequent.
class Words {
 public:
    Words();
    const std::string& word(Random& random) const;
    /// Returns a text of this many words, with some full stops.
    std::string text(Random& random, std::uint64_t words) const;

 private:
    std::vector<std::string> words_;
};

}  // namespace mastobak::instance
