// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "bus/errors.hpp"
#include "bus/link.hpp"
#include "bus/messages.hpp"

namespace mastobak::bus {
namespace {

std::string describe(const Call& call) {
    auto text = "call '" + call.method + "' of '" + call.destination + "'";
    // The first argument usually is the name of a unit.
    if (!call.arguments.empty())
        if (const auto* first = std::get_if<std::string>(&call.arguments.front());
            first && first->size() < 200)
            text += " for '" + *first + "'";
    return text;
}

sdbus::MethodCall message_of(sdbus::IProxy& proxy, const Call& call) {
    auto message = compat::method_call(proxy, call.interface, call.method);
    for (const auto& argument : call.arguments) write(message, argument);
    return message;
}

std::uint64_t usec(std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(std::chrono::microseconds(time).count());
}

/// Removes a pending call when the coroutine that waits for it ends, however it ends.
class Waiting {
 public:
    Waiting(std::shared_ptr<Link> link, std::shared_ptr<PendingCall> call)
        : link_(std::move(link)), call_(std::move(call)) {
        link_->calls.insert(call_);
    }
    ~Waiting() {
        link_->calls.erase(call_);
        call_->proxy.reset();
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

 private:
    std::shared_ptr<Link> link_;
    std::shared_ptr<PendingCall> call_;
};

void send(Link& link, const std::shared_ptr<PendingCall>& pending, const Call& call) {
    pending->proxy = compat::proxy(*link.bus, call.destination, call.path);
    // The handler holds only a weak pointer to the call, because the call owns the proxy, and the
    // proxy owns the handler. The handler must not destroy the proxy that is calling it.
    auto on_reply = [weak = std::weak_ptr(pending), returns = call.returns](
                        sdbus::MethodReply& message, const sdbus::Error* error) {
        const auto waiting = weak.lock();
        if (!waiting) return;
        try {
            if (error) {
                waiting->reply.error_name = std::string(error->getName());
                waiting->reply.error_text = error->getMessage();
            } else {
                waiting->reply.values = read(message, returns);
            }
        } catch (const sdbus::Error& e) {
            waiting->failure.emplace(Errc::internal, std::string("read an answer: ") + e.what());
        } catch (const Error& e) {
            waiting->failure = e;
        }
        waiting->finish();
    };
    const auto message = message_of(*pending->proxy, call);
    compat::call_async(*pending->proxy, message, std::move(on_reply), usec(call.timeout));
    link.kick();
}

/// A subscription: adds the match to each new connection while the Subscription exists.
class Subscribed final : public Attachment, public std::enable_shared_from_this<Subscribed> {
 public:
    Subscribed(asio::io_context& loop, Match match, std::function<void(const Values&)> handler)
        : loop_(loop), match_(std::move(match)), handler_(std::move(handler)) {}

    void attach(sdbus::IConnection& bus) override {
        auto on_signal = [weak = weak_from_this()](sdbus::Message& message) {
            if (const auto self = weak.lock()) self->take(message);
        };
        slot_ = compat::add_match(bus, rule(), std::move(on_signal));
    }
    void detach() noexcept override { slot_.reset(); }

 private:
    std::string rule() const {
        std::string text = "type='signal'";
        const auto add = [&text](const char* key, const std::string& value) {
            if (!value.empty()) text += std::string(",") + key + "='" + value + "'";
        };
        add("sender", match_.sender);
        add("path", match_.path);
        add("interface", match_.interface);
        add("member", match_.member);
        return text;
    }

    void take(sdbus::Message& message) {
        Values values;
        try {
            values = read(message, match_.signature);
        } catch (const std::exception&) {
            return;  // a signal with an unexpected signature is ignored
        }
        // The handler may end this subscription, so libsystemd's callback must not call it.
        asio::post(loop_, [weak = weak_from_this(), values = std::move(values)] {
            if (const auto self = weak.lock()) self->handler_(values);
        });
    }

    asio::io_context& loop_;
    Match match_;
    std::function<void(const Values&)> handler_;
    sdbus::Slot slot_{};
};

}  // namespace

Connection::Connection(asio::io_context& loop, std::string address)
    : link_(std::make_shared<Link>(loop, std::move(address))) {
    link_->ensure();
}

Connection::~Connection() {
    link_->close();
}

async::Task<Reply> Connection::exchange(Call call) {
    const auto link = link_;
    const auto doing = describe(call);
    link->ensure();
    const auto pending = std::make_shared<PendingCall>(link->loop);
    const Waiting waiting(link, pending);
    try {
        send(*link, pending, call);
    } catch (const sdbus::Error& e) {
        const auto error = translate(doing, e, Errc::internal);
        // A call can be the first to detect that the connection to the bus is lost.
        if (error.code() == Errc::unavailable) link->lost();
        throw error;
    }
    const auto ignoring_errors = asio::as_tuple(asio::use_awaitable);
    if (!pending->finished) co_await pending->arrived.async_wait(ignoring_errors);
    if (!pending->finished) throw Error(Errc::cancelled, doing + ": cancelled");
    if (pending->lost) throw Error(Errc::unavailable, doing + ": the connection to the bus broke");
    if (pending->failure)
        throw Error(pending->failure->code(), doing + ": " + pending->failure->text());
    const auto& reply = pending->reply;
    if (!reply.ok() && (is_unavailable(reply.error_name) || is_denied(reply.error_name)))
        throw translate(doing, reply.error_name, reply.error_text);
    co_return std::move(pending->reply);
}

async::Task<Values> Connection::call(Call call) {
    const auto doing = describe(call);
    auto reply = co_await exchange(std::move(call));
    if (!reply.ok()) throw translate(doing, reply.error_name, reply.error_text);
    co_return std::move(reply.values);
}

Values Connection::call_blocking(const Call& call) const {
    try {
        const auto bus = compat::connect(link_->address);
        const auto proxy = compat::proxy(*bus, call.destination, call.path);
        const auto message = message_of(*proxy, call);
        auto reply = proxy->callMethod(message, usec(call.timeout));
        return read(reply, call.returns);
    } catch (const sdbus::Error& e) {
        throw translate(describe(call), e);
    }
}

Subscription Connection::subscribe(Match match, std::function<void(const Values&)> handler) {
    auto subscribed =
        std::make_shared<Subscribed>(link_->loop, std::move(match), std::move(handler));
    try {
        link_->add(subscribed);
    } catch (const sdbus::Error& e) {
        throw translate("subscribe to signals of the bus", e, Errc::unavailable);
    }
    return subscribed;
}

void Connection::request_name(const std::string& name) {
    link_->request_name(name);
}

bool Connection::connected() const {
    return link_->bus != nullptr;
}

std::uint64_t Connection::generation() const {
    return link_->generation;
}

void Connection::close() {
    link_->close();
}

}  // namespace mastobak::bus
