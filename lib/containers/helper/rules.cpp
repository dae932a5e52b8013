// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/helper/rules.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "containers/answers.hpp"
#include "containers/engine.hpp"
#include "containers/exec/pg_dump.hpp"
#include "containers/exec/program.hpp"
#include "core/contains.hpp"
#include "core/json.hpp"
#include "units/record.hpp"

namespace mastobak::containers {
namespace {

constexpr int forbidden_status = 403;

/// The signals that make sidekiq quiet, and that resume a process that SIGTSTP has suspended.
const std::vector<std::string>& signals() {
    static const std::vector<std::string> all{"TSTP", "CONT"};
    return all;
}

/// A call of a container or exec: "POST /containers/ID/stop".
struct Form {
    std::string_view method;
    std::string_view begin;
    std::string_view end;
    CallKind kind;
    /// The parameters that it may have.
    std::vector<std::string> parameters{};
};

const std::vector<Form>& forms() {
    static const std::vector<Form> all{
        {"GET", "/containers/", "/json", CallKind::inspect},
        {"POST", "/containers/", "/stop", CallKind::stop},
        {"POST", "/containers/", "/start", CallKind::start},
        {"POST", "/containers/", "/restart", CallKind::restart},
        {"POST", "/containers/", "/kill", CallKind::kill, {"signal"}},
        {"GET", "/containers/", "/top", CallKind::top, {"ps_args"}},
        {"POST", "/containers/", "/exec", CallKind::exec_create},
        {"POST", "/exec/", "/start", CallKind::exec_start},
        {"GET", "/exec/", "/json", CallKind::exec_inspect},
        {"GET", "/images/", "/json", CallKind::image},
        // These are not calls of an engine: the helper itself makes the container of a drill.
        {"POST", "/drill/", "/start", CallKind::drill_start},
        {"GET", "/drill/", "/json", CallKind::drill_inspect},
        {"POST", "/drill/", "/remove", CallKind::drill_remove},
    };
    return all;
}

[[noreturn]] void refuse_call(const std::string& why) {
    throw Refusal{forbidden_status, why};
}

std::string parameter(const Request& request, const char* name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
}

/// Reads which of the programs that may be run in a container is meant.
void read_exec(const std::string& body, Call& call) {
    const auto json = Json::parse(body, nullptr, false);
    if (json.is_object())
        for (const auto& signal : signals())
            for (const bool first : {false, true}) {
                const auto command = first ? signal_first_command(signal) : signal_command(signal);
                if (json != Json{{"Cmd", command}, {"AttachStdout", true}}) continue;
                call.signal = signal;
                call.first = first;
                return;
            }
    if (const auto dump = parse_pg_dump(body)) {
        call.program = exec_body(*dump);
        call.address = dump->address;
    } else if (auto restore = parse_pg_restore(body)) {
        call.program = exec_body(*restore);
        call.restore = std::move(restore);
    } else if (json == Json::parse(version_body())) {
        call.program = version_body();
    } else {
        refuse_call("that program is not run in a container");
    }
}

std::optional<Call> call_of(const Request& request, const Form& form) {
    std::string_view path = request.path;
    if (request.method != form.method || !path.starts_with(form.begin) || !path.ends_with(form.end))
        return std::nullopt;
    path.remove_prefix(form.begin.size());
    if (path.size() < form.end.size()) return std::nullopt;
    path.remove_suffix(form.end.size());
    if (!is_id(path)) return std::nullopt;
    for (const auto& [name, value] : request.query)
        if (!contains(form.parameters, name))
            refuse_call(fmt::format("the call has a parameter that is not permitted: '{}'", name));
    return Call{.kind = form.kind, .id = std::string(path)};
}

void check_arguments(const Request& request, const std::string& body, Call& call) {
    if (call.kind == CallKind::kill) {
        auto signal = parameter(request, "signal");
        if (!signal.starts_with("SIG") || !contains(signals(), signal.substr(3)))
            refuse_call("that signal is not sent");
        call.signal = signal.substr(3);
    } else if (call.kind == CallKind::top) {
        const auto columns = parameter(request, "ps_args");
        if (columns != docker_columns && columns != podman_columns)
            refuse_call("these columns are not shown");
    } else if (call.kind == CallKind::exec_create) {
        read_exec(body, call);
    } else if (call.kind != CallKind::exec_start && !body.empty()) {
        refuse_call("the call has a body");
    }
}

}  // namespace

bool Scope::controls(const units::ContainerName& name) const {
    return shows(name) && units::matches_one(name.service, services);
}

Call permitted_call(const Request& request, const std::string& body) {
    if (request.method == "GET" && request.path == "/version") return {CallKind::version};
    // The filters of the list are the helper's own.
    if (request.method == "GET" && request.path == "/containers/json") return {CallKind::list};
    for (const auto& form : forms())
        if (auto call = call_of(request, form)) {
            check_arguments(request, body, *call);
            return *call;
        }
    refuse_call("that call is not permitted");
}

}  // namespace mastobak::containers
