// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/remote_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"
#include "store/names.hpp"
#include "store/sha256sums.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;

namespace {

const std::string manifest_name = "manifest.json";
const std::string sums_name = "SHA256SUMS";

using Files = std::map<std::string, Bytes>;

/// A small file that is fetched, read and removed again.
class Fetched {
 public:
    Fetched(offsite::Remote& remote, const std::string& name, Bytes size, const fs::path& scratch,
            const std::stop_token& stop)
        : file_(scratch / fmt::format("{}.fetched", remote.name())) {
        if (size > store::largest_manifest)
            throw Error(Errc::corrupt, fmt::format("'{}' is larger than {}", name,
                                                   to_string(store::largest_manifest)));
        make_directories(scratch);
        fs::remove(file_);
        sha256 = remote.get({name, {}, size}, file_, stop);
        text = read_file(file_, Errc::corrupt, store::largest_manifest);
    }
    ~Fetched() {
        std::error_code ignored;
        fs::remove(file_, ignored);
    }
    Fetched(const Fetched&) = delete;
    Fetched& operator=(const Fetched&) = delete;

    std::string text;
    Digest sha256;

 private:
    fs::path file_;
};

/// Its digest is in SHA256SUMS beside it: a name in it that has changed would cost a pack.
void require_sum(const std::string& sums, const Digest& sha256, const std::string& where) {
    const auto lines = store::parse_sha256sums(sums, where);
    if (std::find(lines.begin(), lines.end(), store::Sum{manifest_name, sha256}) == lines.end())
        throw Error(Errc::corrupt,
                    fmt::format("'{}' is not what '{}' beside it says", manifest_name, sums_name));
}

std::string difference(const Files& files, const std::string& name, Bytes size) {
    const auto found = files.find(name);
    if (found == files.end()) return fmt::format("'{}' is missing", name);
    if (found->second == size) return {};
    return fmt::format("'{}' has {} instead of {} bytes", name, found->second.count, size.count);
}

std::string damage_of(const store::Manifest& manifest, const Files& files, const Files& packs) {
    for (const auto& artifact : manifest.artifacts)
        if (auto damage = difference(files, artifact.name, artifact.size); !damage.empty())
            return damage;
    for (const auto& pack : manifest.media.packs)
        if (auto damage = difference(packs, pack.name, pack.size); !damage.empty()) return damage;
    return {};
}

}  // namespace

bool RemoteSet::is_visible() const {
    return files.contains(manifest_name);
}

RemoteSets look_at_sets(offsite::Remote& remote, const store::Staging& staging,
                        const fs::path& scratch, const std::stop_token& stop) {
    const auto read = [&](const RemoteSet& set) {
        const auto& name = set.name;
        const auto size = set.files.at(manifest_name);
        std::error_code error;
        if (Bytes{fs::file_size(staging.set(name) / manifest_name, error)} == size && !error)
            return staging.manifest(name);
        const auto sums = set.files.find(sums_name);
        if (sums == set.files.end())
            throw Error(Errc::corrupt, fmt::format("'{}' is missing", sums_name));
        const auto where = fmt::format("sets/{}/{}", name, manifest_name);
        const Fetched manifest(remote, where, size, scratch, stop);
        const auto sums_where = fmt::format("sets/{}/{}", name, sums_name);
        const auto sums_text = Fetched(remote, sums_where, sums->second, scratch, stop).text;
        require_sum(sums_text, manifest.sha256, sums_where);
        return store::parse_manifest(manifest.text, where);
    };
    RemoteSets found;
    found.packs = remote.list("media", stop);
    for (const auto& name : remote.directories("sets", stop)) {
        if (!store::is_set_name(name)) continue;
        RemoteSet set;
        set.name = name;
        set.files = remote.list(fmt::format("sets/{}", name), stop);
        if (set.is_visible()) try {
                set.manifest = read(set);
                set.damage = damage_of(*set.manifest, set.files, found.packs);
            } catch (const Error& error) {
                if (error.code() != Errc::corrupt) throw;
                set.damage = error.text();
            }
        found.sets.push_back(std::move(set));
    }
    return found;
}

}  // namespace mastobak::backup
