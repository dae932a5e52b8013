// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/restore_guide.hpp"

#include <sstream>
#include <stdexcept>
#include <utility>

#include "core/process/process.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

RestoreGuide::RestoreGuide(std::filesystem::path set) : set_(std::move(set)) {
    const std::string opening = "```sh ";
    std::istringstream lines(read(set_ / "RESTORE.md"));
    std::string tag;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(opening)) {
            tag = line.substr(opening.size());
            if (!blocks_.emplace(tag, "").second)
                throw std::runtime_error("two blocks are tagged '" + tag + "'");
        } else if (line == "```") {
            tag.clear();
        } else if (!tag.empty()) {
            blocks_[tag] += line + "\n";
        }
    }
}

const std::string& RestoreGuide::block(const std::string& tag) const {
    const auto found = blocks_.find(tag);
    if (found == blocks_.end()) throw std::runtime_error("no block is tagged '" + tag + "'");
    return found->second;
}

std::vector<std::string> RestoreGuide::tags() const {
    std::vector<std::string> tags;
    for (const auto& [tag, commands] : blocks_) tags.push_back(tag);
    return tags;
}

std::string RestoreGuide::run(const std::vector<std::string>& tags,
                              const std::map<std::string, std::string>& environment) const {
    std::string script = "cd -- \"$1\"\n";
    for (const auto& tag : tags) script += block(tag);
    const auto finished =
        mastobak::run({.argv = {"bash", "-euo", "pipefail", "-c", script, "bash", set_},
                       .environment = environment});
    if (!finished.ok())
        throw std::runtime_error("RESTORE.md: " + finished.reason() + "\n" + finished.output +
                                 finished.error_tail);
    return finished.output;
}

}  // namespace mastobak::test
