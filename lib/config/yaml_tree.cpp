// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace mastobak::config {
namespace {

/// Builds the tree from the events of the parser. YAML::Node does not report duplicate keys, and
/// follows an alias to itself endlessly.
class Builder final : public YAML::EventHandler {
 public:
    Builder(const std::filesystem::path& file, std::vector<Problem>& problems)
        : file_(file), problems_(problems) {}

    YamlNode take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        add({YamlNode::Kind::null, line(mark), {}, {}, {}});
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        problem(line(mark), "an alias ('*name') is not supported", "write the value itself");
        add({YamlNode::Kind::null, line(mark), {}, {}, {}});
    }
    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        add({YamlNode::Kind::scalar, line(mark), value, {}, {}});
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        refuse_anchor(mark, anchor);
        open_.push_back({{YamlNode::Kind::sequence, line(mark), {}, {}, {}}, {}});
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        refuse_anchor(mark, anchor);
        open_.push_back({{YamlNode::Kind::mapping, line(mark), {}, {}, {}}, {}});
    }
    void OnMapEnd() override { close(); }

 private:
    /// A sequence or mapping whose end has not been parsed yet.
    struct Open {
        YamlNode node;
        std::optional<YamlNode> key;  ///< a key whose value comes next
    };

    static int line(const YAML::Mark& mark) { return mark.line + 1; }

    void problem(int line, std::string text, std::string hint) {
        problems_.push_back({file_, line, std::move(text), std::move(hint)});
    }

    void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != 0)
            problem(line(mark), "an anchor ('&name') is not supported",
                    "write the value where it is needed");
    }

    void close() {
        auto node = std::move(open_.back().node);
        open_.pop_back();
        add(std::move(node));
    }

    void add(YamlNode node) {
        if (open_.empty()) {
            root_ = std::move(node);
        } else if (auto& top = open_.back(); top.node.kind == YamlNode::Kind::sequence) {
            top.node.items.push_back(std::move(node));
        } else if (!top.key) {
            top.key = std::move(node);
        } else {
            add_member(top.node, std::move(*top.key), std::move(node));
            top.key.reset();
        }
    }

    void add_member(YamlNode& mapping, YamlNode key, YamlNode value) {
        if (key.kind != YamlNode::Kind::scalar)
            return problem(key.line, fmt::format("{} cannot be a key", to_string(key.kind)), "");
        if (mapping.find(key.text) != nullptr)
            return problem(key.line, fmt::format("'{}' occurs twice", key.text),
                           "keep one of the two");
        mapping.members.push_back({std::move(key.text), key.line, std::move(value)});
    }

    const std::filesystem::path& file_;
    std::vector<Problem>& problems_;
    std::vector<Open> open_;
    YamlNode root_;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const Member& member) { return member.key == key; });
    return found == members.end() ? nullptr : &found->value;
}

std::string_view to_string(YamlNode::Kind kind) {
    constexpr std::array<std::string_view, 4> names{"nothing", "a single value", "a list",
                                                    "a mapping"};
    return names.at(static_cast<std::size_t>(kind));
}

std::optional<YamlNode> parse_yaml(const std::string& text, const std::filesystem::path& file,
                                   std::vector<Problem>& problems) {
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        Builder builder(file, problems);
        parser.HandleNextDocument(builder);
        auto root = builder.take();
        if (Builder rest(file, problems); parser.HandleNextDocument(rest))
            problems.push_back(
                {file, 0, "there is a second document behind '---'", "keep one of the two"});
        return root;
    } catch (const YAML::Exception& error) {
        problems.push_back({file, error.mark.line + 1, fmt::format("not valid YAML: {}", error.msg),
                            "indent with spaces, and put values with ': ' or '#' in quotes"});
        return std::nullopt;
    }
}

}  // namespace mastobak::config
