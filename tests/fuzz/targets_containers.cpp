// SPDX-License-Identifier: GPL-3.0-or-later
// What a container engine answers, and what a client asks of the helper.
#include <algorithm>
#include <span>

#include "containers/answers.hpp"
#include "containers/exec/frames.hpp"
#include "containers/exec/pg_dump.hpp"
#include "containers/exec/pg_restore.hpp"
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
    const auto separated = [&input](std::size_t size) {
        std::string parts;
        const auto take = [&parts](char mark) {
            return [&parts, mark](std::span<const std::byte> part) {
                for (const auto byte : part) parts += {mark, static_cast<char>(byte)};
            };
        };
        containers::Frames frames(take('o'), take('e'));
        try {
            for (std::size_t at = 0; at < input.size(); at += size)
                frames.feed(std::as_bytes(
                    std::span(input).subspan(at).first(std::min(size, input.size() - at))));
            frames.finish();
        } catch (const Error&) {
            parts += '!';
        }
        return parts;
    };
    require(separated(1) == separated(input.size() + 1), "frames are the same in any blocks");
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
    if (const auto dump = containers::parse_pg_dump(input))
        require(containers::parse_pg_dump(containers::exec_body(*dump)) == dump,
                "a pg_dump comes back");
    if (const auto restore = containers::parse_pg_restore(input))
        require(containers::parse_pg_restore(containers::exec_body(*restore)) == restore,
                "a pg_restore comes back");
    if (const auto name = units::parse_container_name(input))
        require(name->to_string() == input, "a name comes back");
}

}  // namespace mastobak::fuzz
