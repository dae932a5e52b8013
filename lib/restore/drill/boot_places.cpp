// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/boot_places.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/error.hpp"
#include "core/led.hpp"
#include "core/privilege.hpp"
#include "core/readable.hpp"
#include "core/unique_fd.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

constexpr int most_place_looks = 10;
/// The directories that mastobak-boot@.service mounts besides the checkout, and that users other
/// than root may own.
constexpr std::array ruby_places{"/home/mastodon/.rbenv", "/opt/rbenv"};

std::string identity_of_place(const struct stat& status) {
    return fmt::format("{}:{}", status.st_dev, status.st_ino);
}

BootPlace look_at_place(const fs::path& path) {
    for (int look = 0; look < most_place_looks; ++look) {
        const UniqueFd opened(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!opened && errno == ENOENT) return {path};
        struct stat status {};
        if (!opened || ::fstat(opened.get(), &status) != 0)
            throw errno_error(Errc::environment,
                              fmt::format("look at '{}'", readable(path.native())), errno);
        if (is_led_fairly(opened.get(), path, Errc::environment))
            return {path, identity_of_place(status)};
    }
    throw Error(Errc::environment,
                fmt::format("'{}' is replaced while it is looked at", readable(path.native())));
}

bool is_place_within(const fs::path& inner, const fs::path& outer) {
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first ==
           outer.end();
}

}  // namespace

std::vector<BootPlace> boot_places(const fs::path& directory) {
    const ReadAnything raised;
    std::vector<BootPlace> places{look_at_place(directory)};
    for (const fs::path path : ruby_places) {
        // systemd would create the mount point inside the other directory, on a path that
        // Mastodon's user controls.
        if (is_place_within(path, directory))
            throw Error(Errc::environment,
                        fmt::format("'{}' is in Mastodon's directory, '{}'", path.native(),
                                    readable(directory.native())));
        places.push_back(look_at_place(path));
    }
    return places;
}

void require_mounted(const std::vector<BootPlace>& places) {
    for (const auto& place : places) {
        struct stat status {};
        const bool is_there = ::stat(place.path.c_str(), &status) == 0;
        if (is_there == place.identity.empty() ||
            (is_there && identity_of_place(status) != place.identity))
            throw Error(Errc::environment,
                        fmt::format("'{}' is another directory than the drill has seen",
                                    readable(place.path.native())));
    }
}

}  // namespace mastobak::restore
