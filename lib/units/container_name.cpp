// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/container_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mastobak::units {
namespace {

constexpr std::string_view suffix = ".container";
constexpr std::size_t longest_part = 100, longest_number = 9;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_letter(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

/// Source: the Compose Specification, "services": [a-zA-Z0-9._-]+
bool is_service_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_part &&
           (is_letter(text.front()) || is_digit(text.front())) &&
           std::ranges::all_of(text, [](char c) {
               return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
           });
}

bool is_container_number(std::string_view text) {
    return !text.empty() && text.size() <= longest_number && std::ranges::all_of(text, is_digit);
}

}  // namespace

// Source: the Compose Specification, "name": [a-z0-9][a-z0-9_-]*
bool is_project_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_part &&
           (is_lower(text.front()) || is_digit(text.front())) &&
           std::ranges::all_of(
               text, [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-'; });
}

std::string ContainerName::to_string() const {
    return fmt::format("{}/{}/{}{}", project, service, number, suffix);
}

std::optional<ContainerName> container_name(std::string project, std::string service,
                                            std::string number) {
    if (!is_project_name(project) || !is_service_name(service) || !is_container_number(number))
        return std::nullopt;
    return ContainerName{std::move(project), std::move(service), std::move(number)};
}

std::optional<ContainerName> parse_container_name(std::string_view text) {
    if (!text.ends_with(suffix)) return std::nullopt;
    text.remove_suffix(suffix.size());
    const auto first = text.find('/');
    if (first == text.npos) return std::nullopt;
    const auto second = text.find('/', first + 1);
    if (second == text.npos) return std::nullopt;
    return container_name(std::string(text.substr(0, first)),
                          std::string(text.substr(first + 1, second - first - 1)),
                          std::string(text.substr(second + 1)));
}

std::string status_command(const std::string& name) {
    const auto container = parse_container_name(name);
    if (!container) return "systemctl status " + name;
    return fmt::format("docker compose --project-name {} logs {}", container->project,
                       container->service);
}

std::string pattern_of_service(std::string_view project, std::string_view service) {
    return fmt::format("{}/{}/*{}", project, service, suffix);
}

}  // namespace mastobak::units
