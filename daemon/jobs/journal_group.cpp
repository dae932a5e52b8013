// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/journal_group.hpp"

#include <unistd.h>

#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "core/error.hpp"
#include "daemon/cli/with_systemd.hpp"

namespace mastobak::daemon {
namespace {

async::Task<> look(units::UnitControl& control, const config::Config& config,
                   boost::asio::thread_pool& pool, std::optional<backup::MediaTree>& tree) {
    tree = co_await backup::find_media(config, control, pool);
}

}  // namespace

std::optional<JournalGroup> make_journal_group(const config::Config& config) {
    std::optional<backup::MediaTree> tree;
    {
        boost::asio::thread_pool pool(1);
        with_systemd(config.instance, [&](units::UnitControl& control) {
            return look(control, config, pool, tree);
        });
    }
    if (!tree) return std::nullopt;
    auto fd = media::make_journal_group(tree->root);
    return JournalGroup{std::move(*tree), std::move(fd)};
}

std::unique_ptr<media::ChangeJournal> make_own_journal(const config::Config& config) {
    if (::geteuid() != 0) return nullptr;
    try {
        auto group = make_journal_group(config);
        if (!group) return nullptr;
        return std::make_unique<media::ChangeJournal>(std::move(group->fd), group->tree.root,
                                                      group->tree.excluded);
    } catch (const Error&) {
        return nullptr;  // the run walks the media, and reports other problems itself
    }
}

}  // namespace mastobak::daemon
