// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "media/index/index.hpp"
#include "media/pack/digest_cache.hpp"
#include "store/staging.hpp"
#include "support/index_as.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// A media tree with hostile names, and real sets that the libraries make from it.
struct SetOfEverything {
    TemporaryDirectory directory;
    store::Staging staging{directory / "staging"};
    std::filesystem::path media = directory / "system";
    std::filesystem::path env = directory / "live/.env.production";

    SetOfEverything();

    /// Publishes a set of the current tree, and returns its directory. Media of the previous set
    /// are not packed again.
    std::filesystem::path publish(const std::string& set);

    IndexAs index_as = IndexAs::whole;  ///< how the next sets store their indexes

    /// Returns how many files of the newest set share the member of another file.
    int copies() const;

    /// Copies the staging directory and returns the set in the copy, as after the loss of the host.
    std::filesystem::path copied_set(const std::string& set) const;

    /// Returns the differences that rsync finds between the tree and a restored one; empty when
    /// they are equal.
    std::string differences(const std::filesystem::path& restored) const;

 private:
    std::optional<media::DigestCache> known_contents() const;

    /// Returns the index of the previous set.
    media::IndexFiles index() const;

    std::string previous_;
};

}  // namespace mastobak::test
