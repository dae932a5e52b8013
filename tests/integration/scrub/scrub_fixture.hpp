// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "media/index/index.hpp"
#include "scrub/scrub.hpp"
#include "support/fake_clock.hpp"
#include "support/set_of_everything.hpp"

namespace mastobak::test {

/// Two sets of a real tree in staging, and a copy of them at the remote 'disk', a directory.
struct ScrubFixture : SetOfEverything {
    config::Config config;
    FakeClock clock;
    std::string set = "20261121T030000Z";
    std::string later = "20261122T030000Z";
    std::filesystem::path disk = directory / "disk";
    std::vector<std::string> read{};  ///< objects that the progress has named

    ScrubFixture();

    std::unique_ptr<scrub::Place> staging_place() const;
    std::unique_ptr<scrub::Place> remote_place(const scrub::ReadingOfRemote& how = {}) const;
    scrub::Services services(std::stop_token stop = {});
    scrub::Report verify(const scrub::ReadingOfRemote& how = {});
    scrub::Report slice(scrub::Place& place);

    /// Returns the name of the pack that contains plain.bin.
    std::string pack() const;
    /// Changes one byte in the middle of a member's contents.
    /// \return the entry of the member
    media::Entry flip_member(const std::filesystem::path& root, const std::string& path) const;
    static void flip(const std::filesystem::path& file, std::uint64_t offset);
};

}  // namespace mastobak::test
