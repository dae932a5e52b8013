// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "random.hpp"

namespace mastobak::instance {

/// Text that compresses as people's does: words of a made-up language, few of them frequent.
class Words {
 public:
    Words();
    const std::string& word(Random& random) const;
    /// So many words, with a full stop now and then.
    std::string text(Random& random, std::uint64_t words) const;

 private:
    std::vector<std::string> words_;
};

}  // namespace mastobak::instance
