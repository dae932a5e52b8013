// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/ask_engine.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"

namespace mastobak::containers {
namespace {

http::LocalRequest request_to(const Connection& to, std::string target,
                              std::optional<std::string> body, std::chrono::milliseconds limit) {
    return {.socket = to.socket,
            .target = std::move(target),
            .body = std::move(body),
            .timeout = limit,
            .largest_answer = {longest_answer}};
}

void check_permitted(const http::Answer& answer) {
    if (answer.status == forbidden)
        throw Error(Errc::units,
                    "the request to the container engine is refused: " + error_text(answer.body),
                    "mastobak-containers.service permits only what mastodon.compose names; see "
                    "'journalctl -u mastobak-containers'");
}

[[noreturn]] void cannot_be_used(const Connection& to, const Error& error) {
    throw Error(Errc::units,
                fmt::format("the container engine at '{}' cannot be used: {}", to.socket.native(),
                            error.text()),
                "does the engine run? see 'systemctl status docker' and 'systemctl status "
                "mastobak-containers.socket'; rootless podman needs a drop-in (README)");
}

http::Answer ask(const Connection& to, const http::LocalRequest& request) {
    try {
        auto answer = http::ask_local(request, to.stop);
        check_permitted(answer);
        return answer;
    } catch (const Error& error) {
        if (error.code() != Errc::environment) throw;
        cannot_be_used(to, error);
    }
}

}  // namespace

http::Answer ask_engine(const Connection& to, std::string target, std::optional<std::string> body,
                        std::chrono::milliseconds limit) {
    return ask(to, request_to(to, std::move(target), std::move(body), limit));
}

http::Answer remove(const Connection& to, std::string target) {
    auto request = request_to(to, std::move(target), std::nullopt, to.wait);
    request.remove = true;
    return ask(to, request);
}

std::optional<http::Answer> stream_from_engine(const Connection& to, std::string target,
                                               std::string body, const http::OnBlock& on_block,
                                               std::chrono::milliseconds silence) {
    bool of_the_callback = false;
    const auto pass_on = [&](std::span<const std::byte> block) {
        of_the_callback = true;
        on_block(block);
        of_the_callback = false;
    };
    try {
        auto answer = http::stream_local(
            request_to(to, std::move(target), std::move(body), silence), pass_on, to.stop);
        if (answer) check_permitted(*answer);
        return answer;
    } catch (const Error& error) {
        if (of_the_callback || error.code() != Errc::environment) throw;
        cannot_be_used(to, error);
    }
}

http::Answer get(const Connection& to, std::string target) {
    return ask_engine(to, std::move(target), std::nullopt, to.patience);
}

void unexpected(std::string_view doing, const http::Answer& answer) {
    throw Error(Errc::units,
                fmt::format("{}: the container engine answers with status {}: {}", doing,
                            answer.status, error_text(answer.body)),
                error_hint(answer.body));
}

Outcome outcome_of(const http::Answer& answer) {
    switch (answer.status) {
        case ok:
        case created:
        case no_content:
        case not_modified:
            return {};
        case not_found:
            return {Outcome::gone, error_text(answer.body)};
        default:
            return {Outcome::failed, error_text(answer.body)};
    }
}

}  // namespace mastobak::containers
