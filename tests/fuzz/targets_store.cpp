// SPDX-License-Identifier: GPL-3.0-or-later
//
// Targets: small files of sets, of the state directory and of pg_dump.
#include <algorithm>
#include <array>
#include <span>

#include "core/crypto/signify.hpp"
#include "core/error.hpp"
#include "dumps/anchors.hpp"
#include "dumps/read_dump.hpp"
#include "dumps/seek_table.hpp"
#include "dumps/segments.hpp"
#include "dumps/writers.hpp"
#include "mastodon/boot_facts.hpp"
#include "mastodon/unit_facts.hpp"
#include "media/journal/journal_memory.hpp"
#include "offsite/history.hpp"
#include "postgres/contents/contents_file.hpp"
#include "postgres/contents/contents_reader.hpp"
#include "postgres/contents/normalised_sql.hpp"
#include "postgres/dump/dump_contents.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/restore/restore_output.hpp"
#include "store/formats/byte_text.hpp"
#include "store/formats/sha256sums.hpp"
#include "store/pack_record.hpp"
#include "targets.hpp"

namespace mastobak::fuzz {
namespace fs = std::filesystem;

void sha256sums(const std::string& input, const fs::path&) {
    const auto sums = store::parse_sha256sums(input, "SHA256SUMS");
    require(store::parse_sha256sums(store::to_sha256sums(sums), "SHA256SUMS") == sums,
            "sums can be written again");
}

void segments(const std::string& input, const fs::path&) {
    const auto list = dumps::parse_segments(input, Bytes{53}, "list");
    require(dumps::to_text(list) == input, "a list can be written again");
}

void seek_table(const std::string& input, const fs::path&) {
    const auto frames = dumps::parse_seek_table(input);
    require(dumps::to_seek_table(frames) == input, "a table can be written again");
}

void anchors(const std::string& input, const fs::path&) {
    dumps::AnchorIndex(input).find(std::as_bytes(std::span(input)));
}

// The input is the list of a difference, a zero byte, and the frames.
void difference(const std::string& input, const fs::path& scratch) {
    static const std::string base_of = "PGDMP head\n1\tadmin\n2\tuser\n\\.\n\n\n";
    const auto writer = dumps::write_base(scratch / "base", 3, 1);
    writer->write(std::as_bytes(std::span(base_of)));
    const auto base = writer->finish().at(0);
    const auto end = std::min(input.find('\0'), input.size());
    const auto list = in_file(input.substr(0, end), scratch / "list");
    const auto frames = in_file(input.substr(std::min(end + 1, input.size())), scratch / "frames");
    const auto source = dumps::read_dump({frames, list, base.path, "base", {}});
    while (!source().empty()) {
    }
}

void signify_keys(const std::string& input, const fs::path&) {
    signify::parse_secret_key(input);
    if (const auto key = signify::parse_public_key(input))
        require(signify::parse_public_key(signify::to_text(*key)) == key,
                "a key can be written again");
}

void signify_signature(const std::string& input, const fs::path&) {
    static const auto key = signify::generate();
    static const std::array trusted{key.half};
    require(!signify::is_signed("message", input, trusted), "no input is a signature of ours");
}

void pack_record(const std::string& input, const fs::path& scratch) {
    in_file(input, store::record_file(scratch, "20261122T030000Z-0001.tar"));
    store::read_records(scratch);
}

void offsite_history(const std::string& input, const fs::path& scratch) {
    offsite::History history(in_file(input, scratch / "history"));
    history.of("a");
}

void dump_toc(const std::string& input, const fs::path& scratch) {
    for (const auto& entry : postgres::read_toc(in_file(input, scratch / "dump")))
        static_cast<void>(entry.to_string());
}

/// Only these lists go to pg_restore. They consist of numbers, each in at most one list.
void dump_contents(const std::string& input, const fs::path& scratch) {
    const auto contents =
        postgres::sort_contents(postgres::read_toc(in_file(input, scratch / "dump")));
    std::size_t lines = 0;
    std::vector<const std::string*> lists{&contents.rest, &contents.foreign_keys, &contents.last,
                                          &contents.grants};
    for (const auto& list : contents.definitions) lists.push_back(&list);
    for (const auto* list : lists) {
        require(list->find_first_not_of("-0123456789;\n") == list->npos, "a list is of numbers");
        lines += static_cast<std::size_t>(std::count(list->begin(), list->end(), '\n'));
    }
    require(lines <= contents.entries.size(), "an entry is in one list");
    for (const auto& entry : contents.entries) postgres::function_attributes(entry);
}

/// Lines of contents.zst. Normalised definitions also come from dumps.
void contents_file(const std::string& input, const fs::path&) {
    static_cast<void>(postgres::normalised(input));
    const auto contents = postgres::parse_contents(input, "contents", {});
    postgres::ContentDifferences none;
    postgres::compare_dump(contents, contents, none);
    postgres::compare_rows(contents, contents, {}, none);
    postgres::compare_objects(contents.objects, contents.objects, postgres::Definitions::normalised,
                              none);
    require(none.objects.empty() && none.rows.empty() && none.sequences.empty() &&
                none.not_compared.empty(),
            "contents are those of themselves");
}

/// The output of pg_dump, in one block and in small ones.
void contents_of_stream(const std::string& input, const fs::path&) {
    const auto read = [&input](std::size_t size) {
        postgres::ContentsReader reader({});
        const auto bytes = std::as_bytes(std::span(input));
        for (std::size_t at = 0; at < bytes.size(); at += size)
            reader.feed(bytes.subspan(at, std::min(size, bytes.size() - at)));
        return reader.finish();
    };
    const auto whole = read(input.size() + 1), in_pieces = read(3);
    require(whole.has_value() == in_pieces.has_value(), "blocks of any size are understood");
    if (!whole) return;
    postgres::ContentDifferences none;
    postgres::compare_rows(*whole, *in_pieces, {}, none);
    require(none.rows.empty() && none.not_compared.empty(), "rows are those of blocks of any size");
}

/// The output of pg_restore, which contains names and messages of the dump.
void restore_output(const std::string& input, const fs::path&) {
    const postgres::OnEntry on_entry = [](std::size_t done, std::size_t of, std::string_view) {
        require(done <= of, "no more is done than there is");
    };
    postgres::RestoreOutput output("1;\n2;\n3318;\n", on_entry);
    postgres::EntryFailures failures;
    for (std::string_view rest = input; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        output.take(line);
        failures.take(line);
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    output.complaint();
    output.finish();
    for (const auto& [id, error] : failures.all()) {
        failures.text_of(id);
        postgres::is_of_rights(error);
    }
}

void journal_memory(const std::string& input, const fs::path&) {
    if (const auto memory = media::parse_journal_memory(input))
        static_cast<void>(media::to_text(*memory));
}

void boot_facts(const std::string& input, const fs::path&) {
    const auto facts = mastodon::parse_boot_facts(input);
    require(facts.media_path.size() < mastodon::longest_boot_line, "a path longer than the line");
}

void unit_facts(const std::string& input, const fs::path&) {
    mastodon::parse_unit_environment(input);
    mastodon::parse_environment_file_list(input);
    mastodon::parse_environment_file(input);
    mastodon::parse_working_directory(input, input);
    mastodon::parse_user(input);
}

void byte_text(const std::string& input, const fs::path&) {
    store::from_utf8(input);
    require(store::from_utf8(store::to_utf8(input)) == input, "bytes come back");
}

}  // namespace mastobak::fuzz
