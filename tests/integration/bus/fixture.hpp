// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/post.hpp>
#include <functional>
#include <string>
#include <thread>

#include "bus/object.hpp"
#include "support/private_bus.hpp"

namespace mastobak::test {

constexpr auto name = "org.mastobak.Test";
constexpr auto path = "/org/mastobak/Test1";
constexpr auto interface = "org.mastobak.Test1";

/// A daemon with one object, which runs on its own thread, for the clients of the tests.
///
/// Echo returns its argument. Uid returns the caller's user ID. Fail throws Error{staging}. Tell
/// emits the signal Told with its argument. Leave disconnects. The property State is the last
/// argument of Tell.
class Daemon {
 public:
    explicit Daemon(std::string address)
        : connection_(loop_, std::move(address)), object_(connection_, path, interface) {
        object_.method("Echo", [](const std::string& text, const bus::Caller&) { return text; });
        object_.method("Uid", [](const std::string&, const bus::Caller& caller) {
            return caller.uid ? std::to_string(*caller.uid) : "unknown";
        });
        object_.method("Fail", [](const std::string&, const bus::Caller&) -> std::string {
            throw Error(Errc::staging, "write 'x': it is full", "make room");
        });
        object_.method("Tell", [this](const std::string& text, const bus::Caller&) {
            told_ = text;
            object_.emit("Told", text);
            return std::string();
        });
        object_.method("Leave", [this](const std::string&, const bus::Caller&) {
            connection_.close();
            return std::string();
        });
        object_.property("State", [this] { return told_; });
        object_.signal("Told");
        object_.publish();
        connection_.request_name(name);
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~Daemon() {
        boost::asio::post(loop_, [this] { connection_.close(); });
        thread_.join();
    }

 private:
    bus::asio::io_context loop_{1};
    bus::Connection connection_;
    bus::Exported object_;
    std::string told_ = "nothing";
    std::thread thread_;
};

}  // namespace mastobak::test
