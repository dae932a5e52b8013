// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/restores/selected_set.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/text.hpp"
#include "daemon/cli/output.hpp"
#include "restore/find_media.hpp"
#include "restore/source/checked_files.hpp"
#include "restore/source/find_source.hpp"

namespace mastobak::daemon {
namespace fs = std::filesystem;

config::Config config_for(const Options& options, const std::string& from) {
    std::error_code error;
    if (!from.empty() && !fs::exists(options.config, error)) return {};
    return load_config(options);
}

std::optional<signify::PublicKey> given_key(const Options& options) {
    if (options.public_key.empty()) return std::nullopt;
    std::error_code error;
    const auto text = fs::exists(options.public_key, error)
                          ? read_file(options.public_key, Errc::usage, signify::largest_file)
                          : options.public_key;
    if (const auto key = signify::parse_public_key(text)) return key;
    throw Error(
        Errc::usage,
        fmt::format("'{}' is not a public key, nor a file with one", readable(options.public_key)),
        "it is the second line of 'signing.pub', which begins with 'RW'");
}

ChosenSet::ChosenSet(const Options& options, const std::string& from, const std::string& set,
                     std::stop_token stop, const std::string& before)
    : ChosenSet(config_for(options, from), options, from, set, std::move(stop), before) {}

ChosenSet::ChosenSet(const config::Config& config, const Options& options, const std::string& from,
                     const std::string& set, std::stop_token stop, const std::string& before)
    : stop_(std::move(stop)),
      found_(restore::find_set_anywhere(config, from, set, before, scratch_.path() / "fetched",
                                        stop_, given_key(options))),
      manifest_(source().manifest(found_.name, stop_)) {
    for (const auto& why : found_.passed_over)
        say_error("mastobak: {}; taking set '{}' from {}\n", why, found_.name, source().name());
    for (const auto& why : source().passed_over)
        say_error("mastobak: {}; taking set '{}'\n", why, found_.name);
    if (!foreign().empty())
        say_error("mastobak: warning: nothing proves that set '{}' was made by this host: {}\n",
                  found_.name, foreign());
    damage_ = KnownDamage(config, source().name(), found_.name);
    constexpr std::size_t most_named = 20;
    for (const auto& line : damage_.lines(most_named)) say_error("mastobak: warning: {}\n", line);
}

void ChosenSet::require_media() const {
    if (manifest_.media.elsewhere)
        throw Error(Errc::usage, fmt::format("set '{}' was made without media", manifest_.set),
                    "media.elsewhere says that it is backed up by other means");
}

media::IndexFiles ChosenSet::index(const restore::Selection& selection) {
    require_media();
    return source().index(manifest_, selection, stop_).file;
}

std::vector<std::string> ChosenSet::paths_of(const std::vector<std::string>& names) {
    const auto of_account = [&](const std::string& name) {
        const auto dump = restore::fetch_dump(source(), manifest_, stop_);
        return restore::media_of_account(
            dump, std::atoi(manifest_.database.pg_dump_version.c_str()), name, stop_);
    };
    std::vector<std::string> paths;
    for (const auto& name : names) {
        auto meant = restore::media_meant_by(name, of_account);
        // If the name can mean several files, only those in the set are taken.
        if (meant.size() > 1)
            meant =
                restore::media_that_is_there(meant, index(restore::Selection(meant)), name, stop_);
        paths.insert(paths.end(), meant.begin(), meant.end());
    }
    return paths;
}

}  // namespace mastobak::daemon
