// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "restore/source/find_source.hpp"
#include "scrub_fixture.hpp"
#include "support/fake_remote.hpp"
#include "support/lent_remote.hpp"

namespace mastobak::test {

/// A fake remote with the objects of the copy.
struct FakeFixture : ScrubFixture {
    FakeRemote fake{"disk"};

    FakeFixture() {
        namespace fs = std::filesystem;
        for (const auto& file : fs::recursive_directory_iterator(disk))
            if (file.is_regular_file())
                fake.set(file.path().lexically_relative(disk), test::read(file.path()));
    }
    std::unique_ptr<scrub::Place> place(const scrub::ReadingOfRemote& how = {}) {
        return scrub::place_of_remote(
            config, std::make_unique<LentRemote>(fake),
            restore::find_source(config, disk.native(), directory / "scratch"), how);
    }
};

}  // namespace mastobak::test
