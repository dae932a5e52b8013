// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/instance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"

namespace mastobak {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_name = 32;
constexpr std::string_view configurations = "/etc/mastobak";
constexpr auto file_name = "mastobak.yaml";
/// /etc/mastobak/ssh has the keys for rsync.
constexpr std::string_view reserved = "ssh";

bool is_name(std::string_view text) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return !text.empty() && text.size() <= longest_name && is_letter(text.front()) &&
           std::ranges::all_of(
               text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

Instance::Instance(std::string name) : name_(std::move(name)) {
    if (!is_name(name_))
        throw Error(Errc::usage,
                    fmt::format("'{}' is not the name of an instance", readable(name_)),
                    "it begins with a lower-case letter, and has lower-case letters, digits and "
                    "'-', at most 32");
    if (name_ == reserved)
        throw Error(Errc::usage, "an instance cannot be called 'ssh'",
                    "/etc/mastobak/ssh has the keys for rsync; choose another name");
}

std::string Instance::suffixed(std::string_view base) const {
    return has_name() ? fmt::format("{}@{}", base, name_) : std::string(base);
}

fs::path Instance::configuration() const {
    return fs::path(configurations) / name_ / file_name;
}

fs::path Instance::state_directory() const {
    return fs::path("/var/lib") / suffixed("mastobak");
}

fs::path Instance::runtime_directory() const {
    return fs::path("/run") / suffixed("mastobak");
}

fs::path Instance::lock_of_host() {
    return Instance().runtime_directory() / "host.lock";
}

fs::path Instance::containers_socket() const {
    return fs::path("/run") / (suffixed("mastobak-containers") + ".sock");
}

std::string Instance::bus_name() const {
    return has_name() ? "org.mastobak.Daemon1." + name_ : "org.mastobak.Daemon1";
}

fs::path Instance::polkit_rule() const {
    return fs::path("/etc/polkit-1/rules.d") / ("45-" + suffixed("mastobak") + ".rules");
}

std::string Instance::command() const {
    return has_name() ? "mastobak --instance " + name_ : "mastobak";
}

std::vector<Instance> configured_instances() {
    std::vector<std::string> names;
    std::error_code ignored;
    for (fs::directory_iterator entry(configurations, ignored), end; entry != end;
         entry.increment(ignored)) {
        auto name = entry->path().filename().native();
        if (is_name(name) && name != reserved) names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    std::vector<Instance> instances;
    const auto add = [&](Instance instance) {
        if (fs::exists(instance.configuration(), ignored)) instances.push_back(std::move(instance));
    };
    add(Instance());
    for (auto& name : names) add(Instance(std::move(name)));
    return instances;
}

}  // namespace mastobak
