// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "sources.hpp"
#include "support/catch.hpp"

using namespace mastobak::test;

namespace {

using Names = std::set<std::string>;

/// The folders that each folder may include, besides itself.
const std::map<std::string, Names>& allowed() {
    static const Names low{"core", "async", "archive", "bus", "dumps", "http"};
    static const Names middle{"core",     "async",     "archive",  "bus",       "config", "dumps",
                              "units",    "mastodon",  "postgres", "media",     "store",  "offsite",
                              "schedule", "reconcile", "http",     "containers"};
    static const Names all = [] {
        auto names = middle;
        names.insert({"backup", "restore", "scrub", "metrics", "notify"});
        return names;
    }();
    static const Names above_restore = [] {
        auto names = middle;
        names.insert("restore");
        return names;
    }();
    static const std::map<std::string, Names> map{
        {"core", {}},
        {"http", {"core"}},
        {"config", {"core", "http"}},
        {"async", {"core"}},
        {"archive", {"core", "async"}},
        {"dumps", {"core", "archive"}},
        {"bus", {"core", "async"}},
        {"units", low},
        {"containers", {"core", "async", "http", "units"}},
        {"mastodon", low},
        {"postgres", low},
        {"media", low},
        {"store", low},
        {"schedule", low},
        {"metrics", low},
        {"notify", {"core", "http", "config"}},
        {"offsite", {"core", "async", "archive", "bus", "config"}},
        {"reconcile",
         {"core", "async", "archive", "bus", "dumps", "mastodon", "postgres", "media"}},
        {"backup", middle},
        {"restore", middle},
        {"scrub", above_restore},
        {"daemon", all},
    };
    return map;
}

/// A foreign library: the beginning of its headers' names, and the folders that may include it.
struct Foreign {
    std::string prefix;
    Names folders;
    bool in_headers;  ///< our headers may include it, too
};

const std::vector<Foreign>& foreign() {
    static const Names with_asio = [] {
        Names names;
        for (const auto& [folder, below] : allowed()) names.insert(folder);
        names.erase("core");
        names.erase("http");
        names.erase("config");
        return names;
    }();
    static const std::vector<Foreign> libraries{
        {"sdbus-c++/", {"bus"}, true},  // compat.hpp
        {"systemd/", {"units", "bus"}, false}, {"libpq", {"postgres"}, false},
        {"archive", {"archive"}, false},       {"zstd", {"archive"}, false},
        {"yaml-cpp/", {"config"}, false},      {"nlohmann/", {"core"}, true},
        {"spdlog/", {"daemon"}, true},         {"CLI/", {"daemon"}, true},
        {"openssl/", {"core"}, false},         {"boost/asio", with_asio, true},
        {"boost/endian", {"dumps"}, false},    {"curl/", {"http"}, false},
    };
    return libraries;
}

bool is_ours(const std::string& folder) {
    return allowed().contains(folder);
}

const std::vector<Source>& program() {
    static const auto sources = sources_below({"lib", "daemon"});
    return sources;
}

/// Complaints, one per line, so that a failing test prints all of them.
std::string forbidden_includes() {
    std::string found;
    for (const auto& source : program())
        for (const auto& name : source.own) {
            const auto folder = name.substr(0, name.find('/'));
            if (folder == source.folder) continue;
            if (!is_ours(folder) || !allowed().at(source.folder).contains(folder))
                found += source.path + " includes \"" + name + "\"\n";
        }
    return found;
}

std::string forbidden_libraries() {
    std::string found;
    for (const auto& source : program())
        for (const auto& name : source.foreign)
            for (const auto& library : foreign()) {
                if (!name.starts_with(library.prefix)) continue;
                if (!library.folders.contains(source.folder))
                    found += source.path + " includes <" + name + ">\n";
                else if (source.is_header() && !library.in_headers)
                    found += source.path + " includes <" + name + ">, but is a header\n";
            }
    return found;
}

}  // namespace

TEST_CASE("every folder has its place in the layers") {
    REQUIRE(program().size() > 100);
    for (const auto& source : program()) {
        CAPTURE(source.path);
        CHECK(is_ours(source.folder));
    }
}

TEST_CASE("the layers themselves have no cycle") {
    // Removes all folders whose dependencies have been removed, until no folder is left.
    auto left = allowed();
    for (bool progress = true; progress && !left.empty();) {
        const auto before = left.size();
        std::erase_if(left, [&](const auto& entry) {
            return std::none_of(entry.second.begin(), entry.second.end(),
                                [&](const auto& name) { return left.contains(name); });
        });
        progress = left.size() < before;
    }
    CHECK(left.empty());
}

TEST_CASE("includes point downwards") {
    CHECK(forbidden_includes() == "");
}

TEST_CASE("a library from elsewhere is named in its own folder only") {
    CHECK(forbidden_libraries() == "");
}

TEST_CASE("libraries do not print") {
    std::string found;
    for (const auto& source : program()) {
        if (source.folder == "daemon") continue;
        for (const auto& name : source.foreign)
            if (name == "iostream") found += source.path + " includes <iostream>\n";
        for (const auto& line : source.lines)
            if (line.find("fmt::print(") != std::string::npos) found += source.path + " prints\n";
    }
    CHECK(found == "");
}

TEST_CASE("the program prints through one function, which makes names harmless") {
    static const std::regex raw(
        R"(\b(fmt::(v?print|println)|std::(cout|cerr|clog|puts|putchar|print|println)|perror)"
        R"(|v?[fd]?printf|f?puts|fput[cs]|fwrite|psignal|syslog|sd_journal_\w+)\s*(\(|<<))"
        R"(|\bSTD(OUT|ERR)_FILENO\b(?!\) == 1))");
    std::string found;
    for (const auto& source : program())
        if (source.path != "daemon/cli/output.cpp" &&
            !source.path.starts_with("lib/units/journal."))
            for (const auto& line : source.lines)
                if (std::regex_search(line, raw)) found += source.path + ": " + line + "\n";
    CHECK(found == "");
}

TEST_CASE("the daemon's loop looks at no disk that may hang: blocking work does") {
    const std::regex look(R"(\b(newest_set|look_at_storage|exists|directory_iterator)\()");
    std::string found;
    for (const auto& source : program()) {
        if (!source.path.starts_with("daemon/daemon")) continue;
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            if (!std::regex_search(source.lines[i], look)) continue;
            bool blocking = false;
            for (std::size_t above = 0; above < 5 && above <= i; ++above)
                blocking |= source.lines[i - above].find("](std::stop_token") != std::string::npos;
            if (!blocking) found += source.path + ": " + source.lines[i] + "\n";
        }
    }
    CHECK(found == "");
}

TEST_CASE("the log has one sink, which makes its lines harmless") {
    std::string found;
    for (const auto& source : program())
        for (const auto& line : source.lines)
            if (source.path != "daemon/logging.cpp" && line.find("spdlog/sinks") != line.npos)
                found += source.path + ": " + line + "\n";
            else if (source.path != "daemon/logging.cpp" && source.folder != "units" &&
                     line.find("send_to_journal(") != line.npos)
                found += source.path + ": " + line + "\n";
            else if (source.folder == "daemon" && line.find("=\\\"{}") != line.npos)
                found += source.path + " quotes by hand, not by quoted_value(): " + line + "\n";
    CHECK(found == "");
}

TEST_CASE("a coroutine beside another one is a job: only lib/async calls co_spawn") {
    std::string found;
    for (const auto& source : program())
        for (const auto& line : source.lines)
            if (source.folder != "async" && line.find("co_spawn(") != line.npos)
                found += source.path + ": " + line + "\n";
    CHECK(found == "");
}

TEST_CASE("blocking work has its data by value: it shares none with the loop") {
    // A lambda with a stop token, in a file that passes such lambdas to run_blocking.
    const std::regex work(R"(\[([^\[\]]*)\]\s*\(\s*(const )?std::stop_token)");
    const std::regex shared(R"(&|\bthis\b|^\s*=)");
    std::string found;
    int works = 0;
    for (const auto& source : program()) {
        std::string text;
        for (const auto& line : source.lines) text += line + "\n";
        if (source.folder == "async" || text.find("run_blocking(") == text.npos) continue;
        for (std::sregex_iterator it(text.begin(), text.end(), work), end; it != end; ++it) {
            ++works;
            const auto captures = (*it)[1].str();
            if (std::regex_search(captures, shared))
                found += source.path + ": [" + captures + "]\n";
        }
    }
    CHECK(works > 20);
    CHECK(found == "");
}

TEST_CASE("JSON is read as Json, which checks its numbers") {
    std::string found;
    for (const auto& source : program())
        for (const auto& line : source.lines)
            if (!source.path.ends_with("core/json.hpp") && line.find("nlohmann::json") != line.npos)
                found += source.path + ": " + line + "\n";
    CHECK(found == "");
}

TEST_CASE("every source says its licence, and headers are included once") {
    std::string found;
    for (const auto& source : sources_below({"lib", "daemon", "tests"})) {
        if (source.lines.empty() ||
            source.lines[0] != "// SPDX-License-Identifier: GPL-3.0-or-later")
            found += source.path + " has no SPDX line\n";
        if (source.is_header() && std::find(source.lines.begin(), source.lines.end(),
                                            "#pragma once") == source.lines.end())
            found += source.path + " has no #pragma once\n";
    }
    CHECK(found == "");
}

TEST_CASE("no source is longer than four hundred lines") {
    std::string found;
    for (const auto& source : sources_below({"lib", "daemon", "tests"}))
        if (source.lines.size() > 400)
            found += source.path + " has " + std::to_string(source.lines.size()) + " lines\n";
    CHECK(found == "");
}
