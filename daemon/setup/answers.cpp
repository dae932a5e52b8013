// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "http/url.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

/// Returns a name that is not taken: "b2", "b2-2", …
template <typename Entries>
std::string free_name(std::string wanted, const Entries& known) {
    std::erase_if(wanted, [](unsigned char c) {
        return c != '-' && c != '_' && c != '.' && !(c >= 'a' && c <= 'z') &&
               !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9');
    });
    if (wanted.empty() || wanted.front() == '.' || wanted.front() == '-') wanted = "remote";
    auto name = wanted;
    const auto taken = [&](const auto& entry) { return entry.name == name; };
    for (int n = 2; std::ranges::any_of(known, taken); ++n) name = fmt::format("{}-{}", wanted, n);
    return name;
}

/// Inserts the lines of an entry at the end of a top-level list, or adds the list at the end.
/// \param entry begins with "- "; its other lines are indented by two blanks
std::string with_entry(std::string text, const std::string& key, const std::string& entry) {
    const auto is_key = [&](std::size_t at) {
        return text.compare(at, key.size() + 1, key + ":") == 0;
    };
    std::size_t line = 0;
    while (line < text.size() && !is_key(line)) line = text.find('\n', line) + 1;
    if (line >= text.size()) {
        if (!text.ends_with('\n')) text += '\n';
        return text + "\n" + key + ":\n" + entry;
    }
    const auto of_key = text.find('\n', line);
    const auto value = text.substr(line + key.size() + 1, of_key - line - key.size() - 1);
    if (const auto first = value.find_first_not_of(' ');
        first != std::string::npos && value[first] != '#')
        throw Error(Errc::usage,
                    fmt::format("'{}:' of the configuration has a value in one line", key),
                    "write one entry a line, each beginning with '- '");
    // The list ends before the first line that is neither indented, nor an entry, nor empty.
    std::size_t end = of_key + 1, at = end;
    std::size_t indent = 0;
    while (at < text.size()) {
        const auto next = text.find('\n', at);
        const auto content = text.find_first_not_of(' ', at);
        if (content < next && text[content] != '#') {
            if (content == at && text[content] != '-') break;
            if (text[content] == '-' && end == of_key + 1) indent = content - at;
            end = next + 1;
        }
        at = next + 1;
    }
    std::string indented;
    for (std::size_t from = 0; from < entry.size();) {
        const auto to = entry.find('\n', from) + 1;
        indented += std::string(indent, ' ') + entry.substr(from, to - from);
        from = to;
    }
    return text.insert(end, indented);
}

std::string entry_of(const config::Remote& remote) {
    static constexpr std::array types{"rclone", "rsync", "directory"};
    auto entry =
        fmt::format("- name: {}\n  type: {}\n  target: {}\n", yaml_string(remote.name),
                    types.at(static_cast<std::size_t>(remote.type)), yaml_string(remote.target));
    if (remote.rclone_config != config::Remote().rclone_config)
        entry += fmt::format("  rclone_config: {}\n", yaml_string(remote.rclone_config.native()));
    return entry;
}

/// Collects the text while answers are added.
class Editor {
 public:
    Editor(const std::string& text, const config::Config& config)
        : made_{.text = text.ends_with('\n') ? text : text + "\n"}, config_(config) {}

    void add_remote(const std::string& answer) {
        auto remote = remote_of(answer, config_.offsite);
        if (remote.type == config::RemoteType::rclone)
            remote.rclone_config = rclone_config_of(config_);
        const auto same = [&](const auto& other) {
            return other.type == remote.type && other.target == remote.target;
        };
        if (std::ranges::any_of(config_.offsite, same)) return;
        made_.text = with_entry(std::move(made_.text), "offsite", entry_of(remote));
        config_.offsite.push_back(remote);
        made_.remotes.push_back(remote);
    }

    /// \param type "healthchecks" or "ping"
    void add_url(const std::string& type, const std::string& url) {
        if (!http::Url::parse(url))
            throw Error(Errc::usage, fmt::format("the text for '{}' is not a URL", type),
                        "write it like https://hc-ping.com/UUID");
        const auto name = free_name(type, config_.notify);
        const auto file = config_.source.parent_path() / fmt::format("notify-{}.url", name);
        made_.files.push_back({file, url + "\n"});
        add_target(name, fmt::format("- name: {}\n  type: {}\n  url_file: {}\n", yaml_string(name),
                                     type, yaml_string(file.native())));
    }

    void add_mail(const std::string& address) {
        const auto same = [&](const auto& target) { return target.to == address; };
        if (std::ranges::any_of(config_.notify, same)) return;
        const auto name = free_name("mail", config_.notify);
        add_target(name, fmt::format("- name: {}\n  type: mail\n  to: {}\n", yaml_string(name),
                                     yaml_string(address)));
    }

    void set_time(const std::string& at) {
        if (made_.text.starts_with("schedule:") ||
            made_.text.find("\nschedule:") != std::string::npos)
            throw Error(Errc::usage, "the configuration already has 'schedule:'",
                        "change 'daily_at' there");
        made_.text += fmt::format("\nschedule:\n  daily_at: {}\n", yaml_string(at));
    }

    void set_age_key(const std::string& key) {
        if (config_.recovery.age_key == key) return;
        if (made_.text.starts_with("recovery:") ||
            made_.text.find("\nrecovery:") != std::string::npos)
            throw Error(Errc::usage, "the configuration already has 'recovery:'",
                        "change 'age_key' there, then: mastobak setup");
        made_.text += fmt::format("\nrecovery:\n  age_key: {}\n", yaml_string(key));
    }

    AnsweredText take() { return std::move(made_); }

 private:
    void add_target(const std::string& name, const std::string& entry) {
        made_.text = with_entry(std::move(made_.text), "notify", entry);
        config::NotifyTarget target;
        target.name = name;
        config_.notify.push_back(target);
    }

    AnsweredText made_;
    config::Config config_;
};

}  // namespace

std::string yaml_string(const std::string& text) {
    return Json(text).dump();
}

config::Remote remote_of(const std::string& text, const std::vector<config::Remote>& known) {
    config::Remote remote;
    const auto colon = text.find(':');
    const auto kind = text.substr(0, colon);
    const auto target = colon == std::string::npos ? std::string() : text.substr(colon + 1);
    std::string name;
    if (kind == "rclone" && target.find(':') != std::string::npos) {
        remote.type = config::RemoteType::rclone;
        remote.target = target;
        name = target.substr(0, target.find(':'));
    } else if (kind == "rsync" && target.find(':') != std::string::npos) {
        remote.type = config::RemoteType::rsync;
        remote.target = target;
        const auto host = target.substr(0, target.rfind(':'));
        name = host.substr(host.find('@') == std::string::npos ? 0 : host.find('@') + 1);
    } else if (text.starts_with('/')) {
        remote.type = config::RemoteType::directory;
        remote.target = fs::path(text).lexically_normal();
        while (remote.target.size() > 1 && remote.target.back() == '/') remote.target.pop_back();
        name = fs::path(remote.target).filename();
    } else {
        throw Error(Errc::usage, fmt::format("'{}' is not a remote", readable(text)),
                    "write rclone:REMOTE:PATH, rsync:USER@HOST:/PATH, or the path of a directory");
    }
    remote.name = free_name(name, known);
    return remote;
}

fs::path rclone_config_of(const config::Config& config) {
    auto file = config::Remote().rclone_config;
    for (const auto& remote : config.offsite)
        if (remote.type == config::RemoteType::rclone) file = remote.rclone_config;
    return file;
}

AnsweredText with_answers(const std::string& text, const config::Config& config,
                          const SetupAnswers& answers) {
    Editor editor(text, config);
    for (const auto& remote : answers.remotes) editor.add_remote(remote);
    for (const auto& url : answers.healthchecks) editor.add_url("healthchecks", url);
    for (const auto& url : answers.pings) editor.add_url("ping", url);
    for (const auto& address : answers.mails) editor.add_mail(address);
    if (!answers.at.empty()) editor.set_time(answers.at);
    if (!answers.age_key.empty()) editor.set_age_key(answers.age_key);
    auto made = editor.take();
    // An answer can be a text that the configuration does not take, such as the time "25:00".
    if (const auto loaded = config::load_text(made.text, config.source, config.instance);
        !loaded.problems.empty())
        throw Error(Errc::usage, loaded.problems.front().text, loaded.problems.front().hint);
    return made;
}

}  // namespace mastobak::daemon
