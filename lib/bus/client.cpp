// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus/client.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "async/job.hpp"
#include "bus/connection.hpp"

namespace mastobak::bus {
namespace {

constexpr auto daemon = "org.freedesktop.DBus";
constexpr auto properties = "org.freedesktop.DBus.Properties";

}  // namespace

struct Client::Impl {
    Impl(std::string name_of_owner, std::string path_of_object, std::string name_of_interface,
         std::string address)
        : name(std::move(name_of_owner)),
          path(std::move(path_of_object)),
          interface(std::move(name_of_interface)),
          connection(loop, std::move(address)) {
        owner =
            connection.subscribe({.sender = daemon,
                                  .interface = daemon,
                                  .member = "NameOwnerChanged",
                                  .signature = "sss"},
                                 [this](const Values& values) {
                                     if (values[0].string() == name && values[2].string().empty())
                                         owner_left = true;
                                 });
    }

    Error left() const {
        return Error(Errc::unavailable,
                     "'" + name + "' has left the bus while mastobak waited for it",
                     "see 'journalctl -u mastobak'");
    }

    Values call(Call request) {
        async::Job<Values> job(loop.get_executor(), connection.call(std::move(request)));
        while (job.running()) loop.run_one();
        return job.result();
    }

    const std::string name;
    const std::string path;
    const std::string interface;
    asio::io_context loop{1};
    Connection connection;
    /// Lets run_one() wait while the connection has nothing to do.
    asio::executor_work_guard<asio::io_context::executor_type> waits{loop.get_executor()};
    Subscription owner{};
    std::vector<Subscription> signals{};
    bool owner_left = false;
};

Client::Client(std::string name, std::string path, std::string interface, std::string address)
    : impl_(std::make_unique<Impl>(std::move(name), std::move(path), std::move(interface),
                                   std::move(address))) {}

Client::~Client() = default;

std::string Client::call(const std::string& method, const std::string& argument) {
    const auto values = impl_->call({.destination = impl_->name,
                                     .path = impl_->path,
                                     .interface = impl_->interface,
                                     .method = method,
                                     .arguments = {argument},
                                     .returns = "s"});
    return values.front().string();
}

std::string Client::property(const std::string& name) {
    const auto values = impl_->call({.destination = impl_->name,
                                     .path = impl_->path,
                                     .interface = properties,
                                     .method = "Get",
                                     .arguments = {impl_->interface, name},
                                     .returns = "v"});
    return values.front().string();
}

void Client::subscribe(const std::string& signal, Handler handler) {
    impl_->signals.push_back(
        impl_->connection.subscribe({.sender = impl_->name,
                                     .path = impl_->path,
                                     .interface = impl_->interface,
                                     .member = signal,
                                     .signature = "s"},
                                    [handler = std::move(handler)](const Values& values) {
                                        handler(values.front().string());
                                    }));
}

bool Client::wait_until(const std::function<bool()>& condition,
                        std::optional<std::chrono::milliseconds> limit) {
    auto& loop = impl_->loop;
    const auto late = std::make_shared<bool>(false);  // the timer's handler may outlive us
    asio::steady_timer timer(loop);
    if (limit) {
        timer.expires_after(*limit);
        timer.async_wait([late](const boost::system::error_code& error) { *late = !error; });
    }
    bool held = false;
    while (!(held = condition()) && !*late) {
        if (impl_->owner_left || !impl_->connection.connected()) throw impl_->left();
        loop.run_one();
    }
    return held;
}

}  // namespace mastobak::bus
