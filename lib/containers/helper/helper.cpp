// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/helper/helper.hpp"

#include <fmt/format.h>

#include <chrono>
#include <span>

#include "containers/exec/exec.hpp"
#include "containers/exec/frames.hpp"
#include "containers/exec/pg_dump.hpp"
#include "containers/helper/descriptions.hpp"
#include "core/error.hpp"
#include "core/json.hpp"

namespace mastobak::containers {
namespace {

constexpr int status_created = 201, status_no_content = 204, status_forbidden = 403,
              status_not_found = 404, status_conflict = 409, status_failed = 500,
              status_no_engine = 502, status_too_many = 503;
/// The client runs two at a time; more are forgotten.
constexpr std::size_t most_execs = 64;
/// One dump runs at a time. Each has two threads here.
constexpr int most_dumps = 4;

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

/// Returns the container of a drill. Throws Refusal when it is not one.
Inspected drilled(const Connection& to, const std::string& id) {
    auto container = inspect(to, id);
    if (!container) throw Refusal{status_not_found, "there is no such container"};
    if (container->id != id || !container->of_drill)
        throw Refusal{status_forbidden, "the container is not that of a drill"};
    return std::move(*container);
}

/// Throws Refusal when a drill may not run pg_dump or pg_restore as asked.
void check_program_of_drill(const DrillServer& drill, const Connection& to, const Call& call) {
    const auto& places = drill.places;
    drilled(to, call.id);
    if (call.restore &&
        (call.restore->sockets != places.sockets || call.restore->dump != places.dump() ||
         call.restore->list != places.list() || call.restore->reader != drill.reader))
        throw Refusal{status_forbidden, "pg_restore does not read other files or another server"};
    if (!call.restore && call.address != places.sockets)
        throw Refusal{status_forbidden, "pg_dump does not read another server"};
}

/// Throws Refusal when a program may not be run in a container.
void check_exec(const Helper::Permission& permission, const Connection& to, const Call& call) {
    if (call.restore || call.address.starts_with('/'))
        return check_program_of_drill(permission.drill, to, call);
    if (call.program == version_body()) {
        const auto container = inspect(to, call.id);
        if (container && container->id == call.id && container->of_drill) return;
    }
    const auto& scope = permission.scope;
    const auto container = shown(scope, to, call.id);
    if (call.program.empty() ? !scope.controls(*container.name) : !scope.dumps(*container.name))
        throw Refusal{status_forbidden,
                      fmt::format("that program is not run in a container of the service '{}'",
                                  container.name->service)};
    if (!call.address.empty() && !is_own_address(container, call.address))
        throw Refusal{status_forbidden, "pg_dump does not read another server"};
}

/// Sends what a program in a container writes in frames of our own.
/// \return its exit status
int pass_output_on(const Connection& to, const Call& call, const Client& client) {
    bool begun = false;
    const auto pass_on = [&](Frames::Kind kind, std::string_view text) {
        begun = true;
        client.send(frame_head(kind, text.size()));
        client.send(text);
    };
    const auto on_output = [&](std::span<const std::byte> block) {
        pass_on(Frames::output, {reinterpret_cast<const char*>(block.data()), block.size()});
    };
    const auto on_error_line = [&](std::string_view line) {
        pass_on(Frames::errors, std::string(line) + "\n");
    };
    // The client has a limit of silence of its own, and ends the connection then.
    const ExecOutput output{on_output, on_error_line, std::chrono::hours(24)};
    try {
        return run_in_container(to, call.id, call.program, output).exit_status;
    } catch (const Error& error) {
        if (!begun || error.code() == Errc::cancelled) throw;
        on_error_line("mastobak-containers: " + error.text());
        return 1;
    }
}

HelperAnswer of_drill(const Call& call, const DrillServer& drill, const Connection& to) {
    if (drill.command.empty())
        throw Refusal{status_not_found, "no drill runs in a container of this engine"};
    switch (call.kind) {
        case CallKind::drill_inspect:
            return {200, Json{{"Running", drilled(to, call.id).running}, {"ExitCode", 0}}.dump()};
        case CallKind::drill_remove:
            drilled(to, call.id);
            remove_container(to, call.id);
            return {status_no_content};
        default:
            break;
    }
    if (!has_image(to, call.id)) throw Refusal{status_not_found, "there is no such image"};
    if (call.kind == CallKind::image) return {200, Json{{"Id", call.id}}.dump()};
    return {status_created, Json{{"Id", start_drill_container(to, call.id, drill)}}.dump()};
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

HelperAnswer Helper::answer(const Request& request, const std::string& body, const Client& client) {
    try {
        return perform(permitted_call(request, body), client);
    } catch (const Refusal& refusal) {
        if (refusal.status == status_forbidden)
            client.refused(fmt::format("{} {}: {}", request.method, request.path, refusal.text));
        return error_answer(refusal.status, refusal.text);
    } catch (const Error& error) {
        return {status_no_engine, describe_error(error.text(), error.hint())};
    }
}

HelperAnswer Helper::perform(const Call& call, const Client& client) {
    if (call.kind == CallKind::version)
        return {200, Json{{"ApiVersion", "1.41"}, {"Components", Json::array()}}.dump()};
    const auto permission = permission_();
    const auto& scope = permission.scope;
    if (scope.project.empty())
        throw Refusal{status_forbidden, "the configuration has no mastodon.compose.project"};
    const Connection to{.socket = permission.engine, .stop = client.stop};
    switch (call.kind) {
        case CallKind::list:
            return {200, describe_list(list(to, scope.project))};
        case CallKind::inspect: {
            const auto container = shown(scope, to, call.id);
            return {200, describe_container(container, scope.controls(*container.name))};
        }
        case CallKind::exec_start:
            return exec_start(call, permission, to, client);
        case CallKind::exec_inspect:
            return exec_inspect(call);
        case CallKind::exec_create:
            check_exec(permission, to, call);
            return exec_create(call);
        case CallKind::image:
        case CallKind::drill_start:
        case CallKind::drill_inspect:
        case CallKind::drill_remove:
            return of_drill(call, permission.drill, to);
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
        default:
            return {200, describe_processes(processes(to, call.id))};
    }
}

// The program itself is run by exec_start(). The ID is the helper's own.
HelperAnswer Helper::exec_create(const Call& call) {
    const std::lock_guard lock(mutex_);
    if (execs_.size() >= most_execs) execs_.erase(execs_.begin());
    const auto id = fmt::format("{:064x}", ++last_exec_);
    execs_[id] = {.call = call};
    return {status_created, Json{{"Id", id}}.dump()};
}

HelperAnswer Helper::exec_start(const Call& call, const Permission& permission,
                                const Connection& to, const Client& client) {
    Call program;
    {
        const std::lock_guard lock(mutex_);
        const auto found = execs_.find(call.id);
        if (found == execs_.end()) throw Refusal{status_not_found, "there is no such exec"};
        if (std::exchange(found->second.started, true))
            throw Refusal{status_conflict, "the exec has been started before"};
        program = std::move(found->second.call);  // it may have a password
    }
    check_exec(permission, to, program);
    int exit_status = 1;
    if (program.program.empty()) {
        const auto outcome = program.first ? kill(to, program.id, program.signal)
                                           : kill_others(to, program.id, program.signal);
        if (outcome.kind == Outcome::gone) return answer_of(outcome);
        if (outcome.kind == Outcome::done) exit_status = 0;
    } else {
        exit_status = run_program(program, to, client);
    }
    const std::lock_guard lock(mutex_);
    if (const auto found = execs_.find(call.id); found != execs_.end())
        found->second.exit_status = exit_status;
    return {200};
}

int Helper::run_program(const Call& program, const Connection& to, const Client& client) {
    {
        const std::lock_guard lock(mutex_);
        if (dumps_ >= most_dumps) throw Refusal{status_too_many, "too many programs run"};
        ++dumps_;
    }
    struct Counted {
        Helper& helper;
        ~Counted() {
            const std::lock_guard lock(helper.mutex_);
            --helper.dumps_;
        }
    } const counted{*this};
    client.watch();
    return pass_output_on(to, program, client);
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
