// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The same names for sdbus-c++ 1.x (Debian 12: 1.2) and 2.x (Debian 13: 2.1). Only the sources of
// this folder include this file.

#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#if __has_include(<sdbus-c++/VTableItems.h>)
#define MASTOBAK_SDBUS_2 1
#else
#define MASTOBAK_SDBUS_2 0
#endif

namespace mastobak::bus::compat {

using Getter = sdbus::property_get_callback;
using Handler = sdbus::method_callback;
/// The error is nullptr on success.
using OnReply = std::function<void(sdbus::MethodReply& reply, const sdbus::Error* error)>;

/// Arguments for poll(2). The deadline is a time of CLOCK_MONOTONIC; UINT64_MAX means none.
struct PollData {
    int fd;
    short events;
    std::uint64_t deadline_usec;
};

#if MASTOBAK_SDBUS_2

inline bool process(sdbus::IConnection& bus) {
    return bus.processPendingEvent();
}

inline PollData poll_data(const sdbus::IConnection& bus) {
    const auto data = bus.getEventLoopPollData();
    const auto never = std::chrono::microseconds::max();
    return {data.fd, data.events,
            data.timeout == never ? UINT64_MAX : static_cast<std::uint64_t>(data.timeout.count())};
}

inline std::unique_ptr<sdbus::IProxy> proxy(sdbus::IConnection& bus, const std::string& destination,
                                            const std::string& path) {
    return sdbus::createProxy(bus, sdbus::ServiceName{destination}, sdbus::ObjectPath{path});
}

inline sdbus::MethodCall method_call(sdbus::IProxy& proxy, const std::string& interface,
                                     const std::string& method) {
    return proxy.createMethodCall(sdbus::InterfaceName{interface}, sdbus::MethodName{method});
}

inline void call_async(sdbus::IProxy& proxy, const sdbus::MethodCall& message, OnReply on_reply,
                       std::uint64_t timeout_usec) {
    proxy.callMethodAsync(
        message,
        [on_reply = std::move(on_reply)](sdbus::MethodReply reply,
                                         std::optional<sdbus::Error> error) {
            on_reply(reply, error ? &*error : nullptr);
        },
        timeout_usec);
}

inline sdbus::Slot add_match(sdbus::IConnection& bus, const std::string& match,
                             std::function<void(sdbus::Message&)> handler) {
    return bus.addMatch(
        match, [handler = std::move(handler)](sdbus::Message message) { handler(message); },
        sdbus::return_slot);
}

inline void request_name(sdbus::IConnection& bus, const std::string& name) {
    bus.requestName(sdbus::ServiceName{name});
}

inline sdbus::Error error(const std::string& name, const std::string& text) {
    return sdbus::Error(sdbus::Error::Name{name}, text);
}

/// One interface of an object, added to it as a whole by finish().
class Interface {
 public:
    Interface(sdbus::IObject& object, std::string name) : object_(object), name_(std::move(name)) {}

    void method(const std::string& name, Handler handler) {
        items_.emplace_back(sdbus::MethodVTableItem{sdbus::MethodName{name},
                                                    sdbus::Signature{"s"},
                                                    {"argument"},
                                                    sdbus::Signature{"s"},
                                                    {"result"},
                                                    std::move(handler),
                                                    {}});
    }
    void property(const std::string& name, Getter getter) {
        items_.emplace_back(sdbus::PropertyVTableItem{
            sdbus::PropertyName{name}, sdbus::Signature{"s"}, std::move(getter), {}, {}});
    }
    void signal(const std::string& name) {
        items_.emplace_back(sdbus::SignalVTableItem{
            sdbus::SignalName{name}, sdbus::Signature{"s"}, {"payload"}, {}});
    }
    void finish() { object_.addVTable(sdbus::InterfaceName{name_}, std::move(items_)); }

 private:
    sdbus::IObject& object_;
    std::string name_;
    std::vector<sdbus::VTableItem> items_;
};

inline std::unique_ptr<sdbus::IObject> object(sdbus::IConnection& bus, const std::string& path) {
    return sdbus::createObject(bus, sdbus::ObjectPath{path});
}

inline sdbus::Signal signal(sdbus::IObject& object, const std::string& interface,
                            const std::string& name) {
    return object.createSignal(sdbus::InterfaceName{interface}, sdbus::SignalName{name});
}

#else

inline bool process(sdbus::IConnection& bus) {
    return bus.processPendingRequest();
}

inline PollData poll_data(const sdbus::IConnection& bus) {
    const auto data = bus.getEventLoopPollData();
    return {data.fd, data.events, data.timeout_usec};
}

inline std::unique_ptr<sdbus::IProxy> proxy(sdbus::IConnection& bus, const std::string& destination,
                                            const std::string& path) {
    return sdbus::createProxy(bus, destination, path);
}

inline sdbus::MethodCall method_call(sdbus::IProxy& proxy, const std::string& interface,
                                     const std::string& method) {
    return proxy.createMethodCall(interface, method);
}

inline void call_async(sdbus::IProxy& proxy, const sdbus::MethodCall& message, OnReply on_reply,
                       std::uint64_t timeout_usec) {
    proxy.callMethod(message, std::move(on_reply), timeout_usec);
}

inline sdbus::Slot add_match(sdbus::IConnection& bus, const std::string& match,
                             std::function<void(sdbus::Message&)> handler) {
    return bus.addMatch(match, std::move(handler));
}

inline void request_name(sdbus::IConnection& bus, const std::string& name) {
    bus.requestName(name);
}

inline sdbus::Error error(const std::string& name, const std::string& text) {
    return sdbus::Error(name, text);
}

/// One interface of an object, added to it as a whole by finish().
class Interface {
 public:
    Interface(sdbus::IObject& object, std::string name) : object_(object), name_(std::move(name)) {}

    void method(const std::string& name, Handler handler) {
        object_.registerMethod(name_, name, "s", {"argument"}, "s", {"result"}, std::move(handler));
    }
    void property(const std::string& name, Getter getter) {
        object_.registerProperty(name_, name, "s", std::move(getter));
    }
    void signal(const std::string& name) { object_.registerSignal(name_, name, "s", {"payload"}); }
    void finish() { object_.finishRegistration(); }

 private:
    sdbus::IObject& object_;
    std::string name_;
};

inline std::unique_ptr<sdbus::IObject> object(sdbus::IConnection& bus, const std::string& path) {
    return sdbus::createObject(bus, path);
}

inline sdbus::Signal signal(sdbus::IObject& object, const std::string& interface,
                            const std::string& name) {
    return object.createSignal(interface, name);
}

#endif

/// \param address empty for the system bus
inline std::unique_ptr<sdbus::IConnection> connect(const std::string& address) {
    return address.empty() ? sdbus::createSystemBusConnection()
                           : sdbus::createSessionBusConnectionWithAddress(address);
}

}  // namespace mastobak::bus::compat
