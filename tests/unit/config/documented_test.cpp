// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <regex>
#include <sstream>
#include <string>

#include "config/keys.hpp"
#include "config/load.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;

namespace {

const std::string file = SOURCE_DIR "/config/mastobak.yaml";

/// Returns the file with all commented-out keys in force: '#key' or '#  key', but not prose, '#
/// word'.
std::string with_every_key() {
    static const std::regex commented_out("^( *)#(?! [^ ]|$)(.*)$");
    std::istringstream in(test::read(file));
    std::string text;
    for (std::string line; std::getline(in, line);)
        text += std::regex_replace(line, commented_out, "$1$2") + "\n";
    return text;
}

void add_names(const std::vector<config::Key>& keys, const std::string& prefix,
               std::vector<std::string>& names) {
    for (const auto& key : keys) {
        names.push_back(prefix + key.name);
        add_names(key.section, prefix + key.name + ".", names);
    }
}

/// Returns all keys that a file may have: "media", "media.path", …, "offsite.name".
std::vector<std::string> known_keys() {
    config::Config config;
    std::vector<std::string> names;
    add_names(config::keys_of(config), "", names);
    config::Remote remote;
    for (const auto& [key, types] : config::keys_of(remote)) names.push_back("offsite." + key.name);
    config::NotifyTarget target;
    for (const auto& [key, types] : config::keys_of(target)) names.push_back("notify." + key.name);
    return names;
}

std::string problems_of(const config::Loaded& loaded) {
    std::string all;
    for (const auto& problem : loaded.problems) all += problem.to_string() + "\n";
    return all;
}

}  // namespace

TEST_CASE("the documented configuration says what is the default") {
    const auto loaded = config::load(file);
    REQUIRE(problems_of(loaded) == "");
    auto defaults = config::Config();
    defaults.source = file;
    CHECK(loaded.config == defaults);
}

TEST_CASE("every key that the documented configuration shows can be set") {
    const auto loaded = config::load_text(with_every_key(), file);
    REQUIRE(problems_of(loaded) == "");
    CHECK(loaded.config.mastodon.directory == "/home/mastodon/live");
    CHECK(loaded.config.database.port == 5432);
    CHECK(loaded.config.database.passfile == "/etc/mastobak/pgpass");
    REQUIRE(loaded.config.offsite.size() == 3);
    CHECK(loaded.config.offsite[0].bandwidth == Bytes{std::uint64_t{5} << 20});
    CHECK(loaded.config.staging.max_size == Bytes{std::uint64_t{200} << 30});
    CHECK(loaded.config.media.rate_limit == Bytes{std::uint64_t{50} << 20});
    REQUIRE(loaded.config.offsite[0].retention);
    CHECK(loaded.config.offsite[0].retention->daily == 30);
    CHECK(loaded.config.offsite[0].retention->weekly == 4);
    CHECK(loaded.config.offsite[1].type == config::RemoteType::rsync);
    CHECK(loaded.config.offsite[2].mounted);
    REQUIRE(loaded.config.notify.size() == 4);
    CHECK(loaded.config.notify[0].on.size() == 4);
    CHECK(loaded.config.notify[1].url->origin() == "https://kuma.example.org");
    CHECK(loaded.config.notify[2].to == "admin@example.org");
    CHECK(loaded.config.notify[3].command.front() == "/usr/bin/apprise");
    CHECK(loaded.config.hooks.before_run.command.size() == 1);
    CHECK(loaded.config.hooks.after_freeze.timeout == std::chrono::seconds(10));
}

TEST_CASE("the documented configuration shows every key") {
    const auto text = with_every_key();
    for (const auto& key : known_keys()) {
        const auto name = key.substr(key.rfind('.') + 1);
        CAPTURE(key);
        CHECK(std::regex_search(text, std::regex("(^|\n)[ -]*" + name + ":")));
    }
}

TEST_CASE("every known key is accepted under its name") {
    for (const auto& key : known_keys()) {
        const auto dot = key.find('.');
        if (dot == std::string::npos || key.starts_with("offsite.") || key.starts_with("notify."))
            continue;
        // Each section is a mapping in braces.
        std::string text;
        std::string end;
        std::size_t begin = 0;
        for (auto next = dot; next != std::string::npos; next = key.find('.', begin)) {
            text += key.substr(begin, next - begin) + ": {";
            end += "}";
            begin = next + 1;
        }
        text += "\n  " + key.substr(begin) + ": [[]]\n" + end + "\n";
        CAPTURE(key);
        const auto loaded = config::load_text(text, "x");
        REQUIRE(loaded.problems.size() == 1);
        CHECK(loaded.problems[0].text.find("unknown key") == std::string::npos);
        CHECK(loaded.problems[0].line == 2);
    }
}

TEST_CASE("a command is a list that begins with a program's path, or one of two words") {
    const auto boot = [](const std::string& value) {
        return config::load_text("drill:\n  boot: " + value + "\n", "x");
    };
    CHECK(boot("never").config.drill.boot == std::vector<std::string>{"never"});
    CHECK(boot("[/opt/run, --script]").config.drill.boot ==
          std::vector<std::string>{"/opt/run", "--script"});
    for (const auto* wrong : {"sometimes", "[]", "[run]", "[[a]]", "/opt/run"}) {
        CAPTURE(wrong);
        CHECK(boot(wrong).problems.size() == 1);
    }
}
