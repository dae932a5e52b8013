// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/helper/helper.hpp"

#include <fmt/format.h>

#include <utility>

#include "containers/helper/descriptions.hpp"
#include "core/error.hpp"
#include "core/json.hpp"

namespace mastobak::containers {
namespace {

constexpr int status_created = 201, status_no_content = 204, status_forbidden = 403,
              status_not_found = 404, status_failed = 500, status_no_engine = 502;
/// The client runs two at a time; more are forgotten.
constexpr std::size_t most_execs = 64;

HelperAnswer error_answer(int status, const std::string& text) {
    return {status, describe_error(text)};
}

HelperAnswer answer_of(const Outcome& outcome) {
    switch (outcome.kind) {
        case Outcome::done:
            return {status_no_content};
        case Outcome::gone:
            return error_answer(status_not_found, outcome.why);
        default:
            return error_answer(status_failed, outcome.why);
    }
}

/// Returns a container that may be looked at.
/// Throws Refusal, also when there is no such container in the project.
Inspected shown(const Scope& scope, const Connection& to, const std::string& id) {
    auto container = inspect(to, id);
    if (!container) throw Refusal{status_not_found, "there is no such container"};
    if (container->id != id || !container->name || container->one_off ||
        !scope.shows(*container->name))
        throw Refusal{status_forbidden, "the container is not one of the project's"};
    return std::move(*container);
}

/// Throws Refusal when the container may not be stopped and started.
void check_controls(const Scope& scope, const Connection& to, const std::string& id) {
    const auto container = shown(scope, to, id);
    if (scope.controls(*container.name)) return;
    throw Refusal{status_forbidden,
                  fmt::format("mastodon.compose.services does not name the service '{}'",
                              container.name->service)};
}

}  // namespace

HelperAnswer Helper::answer(const Request& request, const std::string& body,
                            const std::function<void(const std::string&)>& refused,
                            std::stop_token stop) {
    try {
        return perform(permitted_call(request, body), std::move(stop));
    } catch (const Refusal& refusal) {
        if (refusal.status == status_forbidden)
            refused(fmt::format("{} {}: {}", request.method, request.path, refusal.text));
        return error_answer(refusal.status, refusal.text);
    } catch (const Error& error) {
        return error_answer(status_no_engine, error.text());
    }
}

HelperAnswer Helper::perform(const Call& call, std::stop_token stop) {
    if (call.kind == CallKind::version)
        return {200, Json{{"ApiVersion", "1.41"}, {"Components", Json::array()}}.dump()};
    const auto permission = permission_();
    const auto& scope = permission.scope;
    if (scope.project.empty())
        throw Refusal{status_forbidden, "the configuration has no mastodon.compose.project"};
    const Connection to{.socket = permission.engine, .stop = std::move(stop)};
    switch (call.kind) {
        case CallKind::list:
            return {200, describe_list(list(to, scope.project))};
        case CallKind::inspect: {
            const auto container = shown(scope, to, call.id);
            return {200, describe_container(container, scope.controls(*container.name))};
        }
        case CallKind::exec_start:
            return exec_start(call, permission, to);
        case CallKind::exec_inspect:
            return exec_inspect(call);
        default:
            break;
    }
    check_controls(scope, to, call.id);
    switch (call.kind) {
        case CallKind::stop:
            return answer_of(containers::stop(to, call.id));
        case CallKind::start:
            return answer_of(containers::start(to, call.id));
        case CallKind::restart:
            return answer_of(containers::restart(to, call.id));
        case CallKind::kill:
            return answer_of(kill(to, call.id, call.signal));
        case CallKind::top:
            return {200, describe_processes(processes(to, call.id))};
        default:
            return exec_create(call);
    }
}

// The program itself is run by exec_start(). The ID is the helper's own.
HelperAnswer Helper::exec_create(const Call& call) {
    const std::lock_guard lock(mutex_);
    if (execs_.size() >= most_execs) execs_.erase(execs_.begin());
    const auto id = fmt::format("{:064x}", ++last_exec_);
    execs_[id] = {call.id, call.signal};
    return {status_created, Json{{"Id", id}}.dump()};
}

HelperAnswer Helper::exec_start(const Call& call, const Permission& permission,
                                const Connection& to) {
    Exec exec;
    {
        const std::lock_guard lock(mutex_);
        const auto found = execs_.find(call.id);
        if (found == execs_.end()) throw Refusal{status_not_found, "there is no such exec"};
        exec = found->second;
    }
    check_controls(permission.scope, to, exec.container);
    const auto outcome = kill_others(to, exec.container, exec.signal);
    if (outcome.kind == Outcome::gone) return answer_of(outcome);
    const std::lock_guard lock(mutex_);
    if (const auto found = execs_.find(call.id); found != execs_.end())
        found->second.exit_status = outcome.kind == Outcome::done ? 0 : 1;
    return {200};
}

HelperAnswer Helper::exec_inspect(const Call& call) {
    const std::lock_guard lock(mutex_);
    const auto found = execs_.find(call.id);
    if (found == execs_.end()) throw Refusal{status_not_found, "there is no such exec"};
    const auto status = found->second.exit_status;
    Json answer{{"Running", !status}};
    if (status) answer["ExitCode"] = *status;
    return {200, answer.dump()};
}

}  // namespace mastobak::containers
