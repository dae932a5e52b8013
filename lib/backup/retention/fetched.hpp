// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stop_token>
#include <string>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "offsite/remote.hpp"
#include "store/formats/manifest.hpp"
#include "store/formats/sha256sums.hpp"

namespace mastobak::backup {

/// A small file of a remote: fetches it, reads it, and removes the local copy.
class Fetched {
 public:
    Fetched(offsite::Remote& remote, const std::string& name, Bytes size,
            const std::filesystem::path& scratch, const std::stop_token& stop)
        : file_(scratch / fmt::format("{}.fetched", remote.name())) {
        if (size > store::largest_manifest)
            throw Error(Errc::corrupt, fmt::format("'{}' is larger than {}", name,
                                                   to_string(store::largest_manifest)));
        make_directories(scratch);
        std::filesystem::remove(file_);
        sha256 = remote.get({name, {}, size, size}, file_, stop);
        text = read_file(file_, Errc::corrupt, store::largest_manifest);
    }
    ~Fetched() {
        std::error_code ignored;
        std::filesystem::remove(file_, ignored);
    }
    Fetched(const Fetched&) = delete;
    Fetched& operator=(const Fetched&) = delete;

    std::string text;
    Digest sha256;

 private:
    std::filesystem::path file_;
};

/// Checks that a manifest agrees with the SHA256SUMS of its set. A changed name in a manifest would
/// make retention remove a pack that is needed.
/// \param where path of SHA256SUMS, for messages
/// Throws Error{corrupt}.
inline void require_sum(const std::string& sums, const Digest& manifest, const std::string& where) {
    const auto lines = store::parse_sha256sums(sums, where);
    if (std::ranges::find(lines, store::Sum{"manifest.json", manifest}) == lines.end())
        throw Error(Errc::corrupt, "'manifest.json' is not what 'SHA256SUMS' beside it says");
}

}  // namespace mastobak::backup
