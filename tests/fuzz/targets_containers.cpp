// SPDX-License-Identifier: GPL-3.0-or-later
// What a container engine answers, and what a client asks of the helper.
#include "containers/answers.hpp"
#include "containers/helper/descriptions.hpp"
#include "containers/helper/request.hpp"
#include "core/error.hpp"
#include "targets.hpp"
#include "units/container_name.hpp"

namespace mastobak::fuzz {

namespace fs = std::filesystem;

void engine_answers(const std::string& input, const fs::path&) {
    containers::error_text(input);
    const auto parsed = [&input](auto parse) {
        try {
            parse(input);
        } catch (const Error&) {
            // The input is another answer.
        }
    };
    parsed(containers::parse_processes);
    parsed(containers::parse_id);
    parsed(containers::parse_labelled);
    parsed(containers::parse_is_podman);
    parsed(containers::parse_exit_status);
    parsed([](const auto& text) {
        const auto list = containers::parse_list(text);
        require(containers::parse_list(containers::describe_list(list)) == list,
                "the helper's list is the engine's");
    });
    const auto container = containers::parse_inspection(input);
    const auto again =
        containers::parse_inspection(containers::describe_container(container, true));
    require(again.name == container.name && again.mounts == container.mounts &&
                again.environment == container.environment &&
                again.own_processes == container.own_processes,
            "the helper's description is the engine's");
}

void helper_request(const std::string& input, const fs::path&) {
    try {
        const auto request = containers::parse_request(input);
        require(request.body_size <= containers::longest_body, "a body has a limit");
        require(request.path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789/") ==
                    std::string::npos,
                "a path has no other characters");
    } catch (const containers::Refusal&) {
        // It is not a request that our client sends.
    }
    if (const auto name = units::parse_container_name(input))
        require(name->to_string() == input, "a name comes back");
}

}  // namespace mastobak::fuzz
