// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace mastobak::config {

struct Member;

/// A YAML value with its line. The rest of this folder does not use yaml-cpp.
struct Node {
    enum class Kind { null, scalar, sequence, mapping };
    Kind kind = Kind::null;
    int line = 0;                 ///< from 1
    std::string text;             ///< of a scalar
    std::vector<Node> items;      ///< of a sequence
    std::vector<Member> members;  ///< of a mapping, in order; no key occurs twice

    const Node* find(std::string_view key) const;
};

struct Member {
    std::string key;
    int line = 0;
    Node value;
};

/// Returns a kind for messages: "a value", "a list", "a mapping", "nothing".
std::string_view to_string(Node::Kind kind);

/// Parses one document. Reports anchors, aliases, custom tags, keys that are not scalars and
/// duplicate keys as problems.
/// Returns nullopt when the text is not YAML.
std::optional<Node> parse_yaml(const std::string& text, const std::filesystem::path& file,
                               std::vector<Problem>& problems);

}  // namespace mastobak::config
