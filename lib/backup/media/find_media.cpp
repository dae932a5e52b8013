// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/media/find_media.hpp"

#include "async/run_blocking.hpp"
#include "backup/instance_facts.hpp"
#include "backup/plan.hpp"

namespace mastobak::backup {

async::Task<std::optional<MediaTree>> find_media(const config::Config& config,
                                                 units::UnitControl& control,
                                                 boost::asio::thread_pool& pool) {
    if (config.media.elsewhere) co_return std::nullopt;
    MediaTree tree{config.media.path, excluded_directories(config.media)};
    if (!tree.root.empty()) co_return tree;
    const auto patterns = config.mastodon.units;
    const auto units = co_await control.list(patterns);
    const auto facts = co_await instance_facts(control, config, units);
    auto look = [config, facts](std::stop_token) {
        return media_root(config, find_instance(config, facts));
    };
    tree.root = co_await async::run_blocking(pool, std::move(look));
    co_return tree;
}

std::vector<std::string> excluded_directories(const config::Media& media) {
    if (media.scope == config::MediaScope::all) return {};
    return {"cache", "backups"};
}

}  // namespace mastobak::backup
