// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/drill_container.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "containers/answers.hpp"
#include "containers/ask_engine.hpp"

namespace mastobak::containers {
namespace {

/// Returns the helper's answer; nullopt when it has no such container.
std::optional<std::string> inspect_drill(const Connection& to, const std::string& id) {
    auto answer = get(to, fmt::format("/drill/{}/json", id));
    if (answer.status == not_found) return std::nullopt;
    if (answer.status != ok) unexpected("inspect the container of a drill", answer);
    return std::move(answer.body);
}

}  // namespace

bool can_drill_in(const Connection& to, const std::string& image) {
    return is_id(image) && has_image(to, image);
}

std::string hint_of_image(const std::string& service) {
    return fmt::format(
        "fetch the image of the database again ('docker compose pull {}'), in which a drill can "
        "run",
        service);
}

std::string start_drill(const Connection& to, const std::string& image) {
    const auto started = ask_engine(to, fmt::format("/drill/{}/start", image), "", to.wait);
    if (started.status != created) unexpected("start the container of a drill", started);
    return parse_id(started.body);
}

bool drill_runs(const Connection& to, const std::string& id) {
    const auto answer = inspect_drill(to, id);
    return answer && !parse_exit_status(*answer);
}

bool drill_exists(const Connection& to, const std::string& id) {
    return inspect_drill(to, id).has_value();
}

void remove_drill(const Connection& to, const std::string& id) {
    const auto answer = ask_engine(to, fmt::format("/drill/{}/remove", id), "", to.wait);
    if (answer.status != not_found && !answer.ok())
        unexpected("remove the container of a drill", answer);
}

}  // namespace mastobak::containers
