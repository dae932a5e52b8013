// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/database/fetch_base.hpp"

#include <fmt/format.h>

#include <optional>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "store/formats/names.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;

namespace {

/// Returns the base of the newest set's index.
std::optional<store::Artifact> newest_index_base(const store::Staging& staging) {
    const auto newest = staging.latest();
    if (!newest) return std::nullopt;
    try {
        return staging.manifest(*newest).media.index_base;
    } catch (const Error&) {
        return std::nullopt;  // preflight reports the damaged manifest
    }
}

bool is_intact(const fs::path& file, const store::Artifact& base, const std::stop_token& stop) {
    std::error_code error;
    if (fs::file_size(file, error) != base.size.count || error) return false;
    try {
        return sha256_of_file(file, stop) == base.sha256;
    } catch (const Error& failure) {
        if (failure.code() == Errc::cancelled) throw;
        return false;
    }
}

}  // namespace

void fetch_base(offsite::Remote& remote, const store::Artifact& base, const store::Staging& staging,
                const std::stop_token& stop) {
    const auto object = store::shared_path(base.name);
    const auto file = staging.partial() / base.name;
    fs::remove(file);
    if (remote.get({object, {}, base.size, base.size}, file, stop) != base.sha256)
        throw Error(Errc::corrupt, fmt::format("'{}' there is not what its manifest says", object));
    sync_file(file);
    const auto to = staging.shared(base.name);
    make_directories(to.parent_path());
    // A damaged copy is moved aside only now, when there is a good one.
    std::error_code ignored;
    fs::rename(to, staging.partial() / (base.name + ".damaged"), ignored);
    publish(file, to);
}

void heal_index_base(const config::Config& config, std::vector<std::string>& warnings,
                     const std::stop_token& stop) {
    const store::Staging staging(config.staging.path);
    const auto base = newest_index_base(staging);
    if (!base || is_intact(staging.shared(base->name), *base, stop)) return;
    for (const auto& entry : config.offsite) {
        try {
            const auto remote = offsite::make_remote(entry, config.state_directory / "take-over");
            fetch_base(*remote, *base, staging, stop);
            return warnings.push_back(fmt::format(
                "the shared index '{}' was damaged or missing in staging: fetched again from the "
                "remote '{}'; hint: look for errors of the disk in the kernel's log ('journalctl "
                "-k'), and let 'mastobak verify --all' read the rest",
                base->name, entry.name));
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
            warnings.push_back(fmt::format(
                "the shared index '{}' is damaged or missing in staging, and could not be fetched "
                "from the remote '{}': {}",
                base->name, entry.name, error.what()));
        }
    }
}

}  // namespace mastobak::backup
