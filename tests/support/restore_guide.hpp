// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mastobak::test {

/// RESTORE.md of a set. Runs its commands as an admin would.
class RestoreGuide {
 public:
    /// \param set the directory of the set
    explicit RestoreGuide(std::filesystem::path set);

    /// Returns the unchanged commands of the block "```sh TAG". Throws when there is no such block.
    const std::string& block(const std::string& tag) const;
    std::vector<std::string> tags() const;

    /// Runs unchanged blocks, in order, in one bash -euo pipefail in the directory of the set.
    /// \param environment values that replace the defaults of the block 'variables'
    /// \return the output. Throws when one of the commands fails.
    std::string run(const std::vector<std::string>& tags,
                    const std::map<std::string, std::string>& environment) const;

 private:
    std::filesystem::path set_;
    std::map<std::string, std::string> blocks_;
};

}  // namespace mastobak::test
