// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus/object.hpp"

#include <exception>
#include <utility>
#include <vector>

#include "bus/errors.hpp"
#include "bus/link.hpp"

namespace mastobak::bus {
namespace {

Caller caller_of(const sdbus::MethodCall& call) {
    Caller caller{call.getSender(), {}};
    try {
        caller.uid = call.getCredsEuid();
    } catch (const sdbus::Error&) {
        // The caller has already left the bus. A handler that needs its user refuses the call.
    }
    return caller;
}

/// Answers a method call. It must not throw, because it is called from C code of libsystemd.
void answer(sdbus::MethodCall& call, const Exported::Method& handler) {
    try {
        std::string argument;
        call >> argument;
        const auto result = handler(argument, caller_of(call));
        auto reply = call.createReply();
        reply << result;
        reply.send();
    } catch (...) {
        try {
            call.createErrorReply(current_as_dbus_error()).send();
        } catch (const std::exception&) {
            // The caller gets no answer: it has left, or memory is exhausted.
        }
    }
}

}  // namespace

struct Exported::Impl final : Attachment, std::enable_shared_from_this<Impl> {
    Impl(std::shared_ptr<Link> link_of_all, std::string path_of_object, std::string name)
        : link(std::move(link_of_all)),
          path(std::move(path_of_object)),
          interface(std::move(name)) {}

    void attach(sdbus::IConnection& bus) override {
        auto fresh = compat::object(bus, path);
        compat::Interface description(*fresh, interface);
        for (const auto& [name, handler] : methods)
            description.method(
                name, [handler = handler](sdbus::MethodCall call) { answer(call, handler); });
        for (const auto& [name, getter] : properties)
            description.property(name, [getter = getter](sdbus::PropertyGetReply& reply) {
                try {
                    reply << getter();
                } catch (...) {
                    throw current_as_dbus_error();  // sdbus-c++ answers with it
                }
            });
        for (const auto& name : signals) description.signal(name);
        description.finish();
        object = std::move(fresh);
    }
    void detach() noexcept override { object.reset(); }

    std::shared_ptr<Link> link;
    std::string path;
    std::string interface;
    std::vector<std::pair<std::string, Method>> methods{};
    std::vector<std::pair<std::string, Property>> properties{};
    std::vector<std::string> signals{};
    std::unique_ptr<sdbus::IObject> object{};
};

Exported::Exported(Connection& connection, std::string path, std::string interface)
    : impl_(std::make_shared<Impl>(connection.link_, std::move(path), std::move(interface))) {}

Exported::~Exported() = default;

void Exported::method(std::string name, Method handler) {
    impl_->methods.emplace_back(std::move(name), std::move(handler));
}

void Exported::property(std::string name, Property getter) {
    impl_->properties.emplace_back(std::move(name), std::move(getter));
}

void Exported::signal(std::string name) {
    impl_->signals.push_back(std::move(name));
}

void Exported::publish() {
    try {
        impl_->link->add(impl_);
    } catch (const sdbus::Error& e) {
        throw translate("export '" + impl_->path + "' on the bus", e, Errc::internal);
    }
}

void Exported::emit(const std::string& signal, const std::string& payload) noexcept {
    if (!impl_->object) return;
    try {
        auto message = compat::signal(*impl_->object, impl_->interface, signal);
        message << payload;
        impl_->object->emitSignal(message);
        impl_->link->kick();
    } catch (const std::exception&) {
        // A signal may be lost: clients read the state after they have connected again.
    }
}

}  // namespace mastobak::bus
