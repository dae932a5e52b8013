// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/new_configuration.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "backup/instance_facts.hpp"
#include "backup/plan.hpp"
#include "core/error.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/with_systemd.hpp"
#include "daemon/setup/database_role.hpp"
#include "daemon/setup/yaml_string.hpp"
#include "mastodon/instance.hpp"
#include "media/tree/media_root.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

async::Task<> find(units::UnitControl& control, fs::path directory, mastodon::Instance& instance) {
    const auto patterns = config::Mastodon().units;
    const auto units = co_await control.list(patterns);
    const auto facts = co_await backup::unit_facts(control, units);
    say("units        {} loaded\n", units.size());
    try {
        instance = mastodon::find_instance(directory, {}, facts);
    } catch (const Error& error) {
        // The hint names an option, because there is no configuration yet.
        if (error.hint().find("mastodon.directory") == std::string::npos) throw;
        throw Error(
            error.code(), error.text(),
            "mastobak setup --directory DIR, where DIR has Mastodon's .env.production; for a "
            "Mastodon in Docker, see mastodon.compose in mastobak.yaml(5)");
    }
    say("mastodon     {}\n", instance.directory.native());
}

/// Returns the media directory for the configuration. Returns nullopt, and prints the reason, when
/// it cannot be opened or does not belong to Mastodon's user: for media.path, its owner would not
/// be checked.
std::optional<fs::path> media_to_name(const mastodon::Instance& instance) {
    const auto root = mastodon::media_root(instance);
    try {
        static_cast<void>(media::open_root(root, backup::media_owners({}, instance)));
        return root;
    } catch (const Error& error) {
        say("media        is not named in the configuration: {}\n", error.text());
        return std::nullopt;
    }
}

std::string configuration(const mastodon::Instance& instance,
                          const std::optional<std::string>& socket) {
    std::string text =
        "# Written by `mastobak setup` with what it found on this host. Every key is described in\n"
        "# mastobak.yaml(5) and in /usr/share/doc/mastobak/mastobak.yaml; what is not set here\n"
        "# has its default.\n\n";
    text += fmt::format("mastodon:\n  directory: {}\n", yaml_string(instance.directory.native()));
    if (socket)
        text += fmt::format("\ndatabase:\n  host: {}\n  user: {}\n", yaml_string(*socket),
                            database_role);
    // With this key, root decides where a restore writes, and not a file of Mastodon's user.
    if (!mastodon::object_store(instance.environment, instance.unknowns)) {
        if (const auto root = media_to_name(instance))
            text += fmt::format("\nmedia:\n  path: {}\n", yaml_string(root->native()));
    } else {
        text +=
            "\n# The media is in an object store: back that up by other means.\n"
            "media:\n  elsewhere: true\n";
    }
    return text +
           "\n# Where copies go; see the README for rclone, crypt remotes and rsync.\n"
           "# offsite:\n#   - name: disk\n#     type: directory\n#     target: "
           "/mnt/disk/mastobak\n";
}

}  // namespace

std::string new_configuration(const std::string& directory) {
    mastodon::Instance instance;
    const auto place = directory.empty() ? fs::path() : fs::absolute(directory).lexically_normal();
    with_systemd([&](units::UnitControl& control) { return find(control, place, instance); });
    // The role that setup creates does not need Mastodon's password.
    auto unknowns = instance.unknowns;
    unknowns.erase("DB_PASS");
    const auto database = mastodon::database_settings(instance.environment, unknowns);
    return configuration(instance, let_role_in(database));
}

}  // namespace mastobak::daemon
