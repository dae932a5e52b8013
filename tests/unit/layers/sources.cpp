// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "support/temporary_directory.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

namespace {

/// Returns the text between two characters after "#include "; empty if the line has none.
std::string included(const std::string& line, char open, char close) {
    const std::string include = std::string("#include ") + open;
    if (!line.starts_with(include)) return "";
    return line.substr(include.size(), line.find(close, include.size()) - include.size());
}

/// Returns "media" for "lib/media/index/walk.cpp", "daemon" for "daemon/cli/output.cpp".
std::string library_of(const fs::path& path) {
    auto part = path.begin();
    if (*part == "lib") ++part;
    return *part;
}

Source read_source(const fs::path& file) {
    Source source;
    source.path = fs::relative(file, SOURCE_DIR);
    source.folder = library_of(source.path);
    std::istringstream text(read(file));
    for (std::string line; std::getline(text, line);) {
        if (auto own = included(line, '"', '"'); !own.empty()) source.own.push_back(own);
        if (auto name = included(line, '<', '>'); !name.empty()) source.foreign.push_back(name);
        source.lines.push_back(std::move(line));
    }
    return source;
}

}  // namespace

std::vector<Source> sources_below(const std::vector<std::string>& directories) {
    std::vector<Source> sources;
    for (const auto& directory : directories)
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(SOURCE_DIR) / directory))
            if (const auto extension = entry.path().extension();
                extension == ".hpp" || extension == ".cpp")
                sources.push_back(read_source(entry.path()));
    std::sort(sources.begin(), sources.end(),
              [](const Source& a, const Source& b) { return a.path < b.path; });
    return sources;
}

}  // namespace mastobak::test
