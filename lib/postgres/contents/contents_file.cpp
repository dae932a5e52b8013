// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/contents/contents_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace mastobak::postgres {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view head = "mastobak-contents\t1\n";
/// The largest size that is read. A thousand objects take only 200 KiB.
constexpr std::size_t longest = std::size_t{256} << 20;

void append_escaped(std::string& text, std::string_view field) {
    for (const char c : field) {
        if (c == '\\')
            text += "\\\\";
        else if (c == '\t')
            text += "\\t";
        else if (c == '\n')
            text += "\\n";
        else
            text += c;
    }
}

template <typename... Fields>
void append_line(std::string& text, std::string_view kind, const Fields&... fields) {
    text += kind;
    ((text += '\t', append_escaped(text, fields)), ...);
    text += '\n';
}

void append_table(std::string& text, std::string_view kind, std::string_view name,
                  const TableContents& table) {
    append_line(text, kind, name, std::to_string(table.rows), to_hex(table.digest), table.columns);
}

class Parser {
 public:
    Parser(std::string_view text, const std::string& where, const std::stop_token& stop)
        : rest_(text), where_(where), stop_(stop) {}

    Contents run() {
        if (!rest_.starts_with(head)) fail("it does not begin as one of a version that is known");
        rest_.remove_prefix(head.size());
        while (!rest_.empty()) take_line();
        if (!has_key_) fail("it has no key");
        return std::move(contents_);
    }

 private:
    [[noreturn]] void fail(std::string_view why) const {
        throw Error(Errc::corrupt,
                    fmt::format("'{}' cannot be used: line {}: {}", where_, line_, why));
    }

    void take_line() {
        if (++line_ % 1024 == 0 && stop_.stop_requested())
            throw Error(Errc::cancelled, "the reading was cancelled");
        const auto end = rest_.find('\n');
        if (end == rest_.npos) fail("it is truncated");
        line_rest_ = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        const auto kind = raw_field();
        if (kind == "key")
            take_key();
        else if (kind == "encoding")
            contents_.encoding = field();
        else if (kind == "table")
            take_table();
        else if (kind == "large objects")
            field(), contents_.large_objects = table();
        else if (kind == "sequence")
            take_sequence();
        else if (kind == "object")
            take_object();
        // Ignore other kinds of lines: a later version may add optional ones.
    }

    std::string_view raw_field() {
        const auto end = std::min(line_rest_.find('\t'), line_rest_.size());
        const auto text = line_rest_.substr(0, end);
        ended_ = end == line_rest_.size();
        line_rest_.remove_prefix(std::min(end + 1, line_rest_.size()));
        return text;
    }
    std::string field() {
        if (ended_) fail("it lacks columns");
        const auto raw = raw_field();
        std::string text;
        for (std::size_t i = 0; i < raw.size(); ++i) {
            if (raw[i] != '\\') {
                text += raw[i];
                continue;
            }
            constexpr std::string_view names = "\\tn", meant = "\\\t\n";
            const auto at = i + 1 < raw.size() ? names.find(raw[++i]) : names.npos;
            if (at == names.npos) fail("it has an invalid escape");
            text += meant[at];
        }
        return text;
    }
    template <typename Value>
    Value must(std::optional<Value> value, std::string_view what) const {
        if (!value) fail(fmt::format("it has no {}", what));
        return *value;
    }
    std::int64_t count() {
        const auto number = must(parse_number<std::int64_t>(field()), "number of rows");
        if (number < 0 || number > std::int64_t{1} << 60) fail("it has no number of rows");
        return number;
    }

    void take_key() {
        contents_.key = must(parse_hex<RowKey>(field()), "key");
        has_key_ = true;
    }
    TableContents table() {
        TableContents result;
        result.rows = count();
        result.digest = must(parse_hex<RowDigest>(field()), "digest of rows");
        result.columns = field();
        return result;
    }
    void take_table() {
        auto name = field();
        if (!contents_.tables.emplace(std::move(name), table()).second)
            fail("the table occurs twice");
    }
    void take_sequence() {
        auto name = field();
        if (!contents_.sequences.emplace(std::move(name), field()).second)
            fail("the sequence occurs twice");
    }
    void take_object() {
        SchemaObject object;
        object.kind = field();
        object.schema = field();
        object.name = field();
        object.owner = field();
        object.definition = must(parse_digest(field()), "digest of a definition");
        object.normalised = must(parse_digest(field()), "digest of a definition");
        contents_.objects.push_back(std::move(object));
    }

    std::string_view rest_, line_rest_;
    const std::string& where_;
    const std::stop_token& stop_;
    std::size_t line_ = 1;
    bool ended_ = false, has_key_ = false;
    Contents contents_;
};

}  // namespace

FileDigest write_contents(const fs::path& file, const Contents& contents) {
    std::string text(head);
    append_line(text, "key", to_hex(contents.key));
    append_line(text, "encoding", contents.encoding);
    for (const auto& [name, table] : contents.tables) append_table(text, "table", name, table);
    append_table(text, "large objects", "", contents.large_objects);
    for (const auto& [name, value] : contents.sequences) append_line(text, "sequence", name, value);
    for (const auto& object : contents.objects)
        append_line(text, "object", object.kind, object.schema, object.name, object.owner,
                    to_hex(object.definition), to_hex(object.normalised));
    return archive::write_text(file, text);
}

Contents read_contents(const fs::path& file, const std::stop_token& stop) {
    return parse_contents(archive::read_text(file, longest, stop), file.native(), stop);
}

Contents parse_contents(std::string_view text, const std::string& where,
                        const std::stop_token& stop) {
    return Parser(text, where, stop).run();
}

}  // namespace mastobak::postgres
