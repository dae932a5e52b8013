// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/plan_of_host.hpp"

#include <boost/asio/thread_pool.hpp>

#include "daemon/cli/with_systemd.hpp"

namespace mastobak::daemon {
namespace {

async::Task<> plan_into(units::UnitControl& control, const config::Config& config,
                        boost::asio::thread_pool& pool, backup::Plan& plan) {
    plan = co_await backup::make_plan(config, control, pool);
}

}  // namespace

backup::Plan plan_of_host(const config::Config& config) {
    boost::asio::thread_pool pool(1);
    backup::Plan plan;
    with_systemd(config.instance, [&](units::UnitControl& control) {
        return plan_into(control, config, pool, plan);
    });
    return plan;
}

}  // namespace mastobak::daemon
