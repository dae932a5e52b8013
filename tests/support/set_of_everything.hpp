// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "media/pack/digest_cache.hpp"
#include "store/staging.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A media tree with hostile names, and what the libraries make of it: real sets.
struct SetOfEverything {
    TemporaryDirectory directory;
    store::Staging staging{directory / "staging"};
    std::filesystem::path media = directory / "system";
    std::filesystem::path env = directory / "live/.env.production";

    SetOfEverything();

    /// The tree as it is now, in a published set; what the set before it has is not packed again.
    std::filesystem::path publish(const std::string& set);

    /// Files of the newest set that have their contents from another one's member.
    int copies() const;

    /// A copy of the staging directory elsewhere: what is left after a fire.
    std::filesystem::path copied_set(const std::string& set) const;

    /// What rsync finds to differ between the tree and a restored one: nothing, if all is well.
    std::string differences(const std::filesystem::path& restored) const;

 private:
    std::optional<media::DigestCache> known_contents() const;

    std::string previous_;
};

}  // namespace mastobak::test
