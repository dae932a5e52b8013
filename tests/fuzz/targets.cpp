// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "archive/tar.hpp"
#include "archive/zstd.hpp"
#include "config/load.hpp"
#include "config/values.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto/encoding.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/text.hpp"
#include "mastodon/database_settings.hpp"
#include "mastodon/dotenv.hpp"
#include "mastodon/encrypted_values.hpp"
#include "mastodon/instance.hpp"
#include "media/index/index.hpp"
#include "media/index/index_line.hpp"
#include "media/index/index_parts.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/paths.hpp"
#include "offsite/remotes/rclone.hpp"
#include "offsite/remotes/rclone_config.hpp"
#include "offsite/remotes/rsync_output.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/explain/row_search.hpp"
#include "postgres/rows/copied_lines.hpp"
#include "postgres/rows/copy_counter.hpp"
#include "store/formats/manifest.hpp"
#include "store/restore_instructions.hpp"
#include "store/staging.hpp"

namespace mastobak::fuzz {
namespace fs = std::filesystem;

void require(bool holds, const char* what) {
    if (holds) return;
    std::cerr << "does not hold: " << what << '\n';
    std::abort();
}

fs::path in_file(const std::string& input, const fs::path& file) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << input;
    return file;
}

namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

/// Returns a source that returns the input in one block.
archive::Source once(const std::string& input) {
    return [&input, given = false]() mutable -> std::span<const std::byte> {
        if (std::exchange(given, true)) return {};
        return bytes_of(input);
    };
}

/// Compresses a text. Leaves compressed input unchanged, so that both are fuzzed.
std::string compressed(const std::string& input) {
    constexpr std::string_view magic = "\x28\xb5\x2f\xfd";
    if (input.starts_with(magic)) return input;
    std::string out;
    archive::ZstdCompressor zstd(
        [&out](auto data) { out.append(reinterpret_cast<const char*>(data.data()), data.size()); },
        1);
    zstd.write(bytes_of(input));
    zstd.finish();
    return out;
}

void base64(const std::string& input, const fs::path&) {
    decode_base64(input);
}

void text(const std::string& input, const fs::path&) {
    const auto once = readable(input);
    require(readable(once) == once, "readable() twice is readable() once");
    require(once.find_first_of("\n\r\x1b\a") == once.npos, "readable() has no control character");
}

void times(const std::string& input, const fs::path&) {
    if (const auto time = parse_set_name(input))
        require(to_set_name(*time) == input, "a set has one name");
    if (const auto time = parse_iso8601(input)) to_iso8601(*time);
}

void measures(const std::string& input, const fs::path&) {
    parse_bytes(input);
    config::parse_duration(input);
    config::parse_size(input);
    config::parse_time_of_day(input);
}

void yaml(const std::string& input, const fs::path&) {
    config::load_text(input, "/etc/mastobak/mastobak.yaml");
}

void dotenv(const std::string& input, const fs::path&) {
    for (const unsigned gem : {2U, 3U}) {
        try {
            mastodon::parse_dotenv(input, ".env.production", {}, gem);
        } catch (const Error&) {
        }
    }
    mastodon::gem_of_lock(input);
    const auto environment = mastodon::parse_dotenv(input, ".env.production").values;
    mastodon::database_settings(environment);
    mastodon::malformed_secrets(environment);
}

void database_url(const std::string& input, const fs::path&) {
    mastodon::database_settings({{"DATABASE_URL", input}});
}

void encrypted_value(const std::string& input, const fs::path&) {
    // Static, because the derivation of the keys takes most of a second.
    static const mastodon::EncryptionKeys keys(
        {{"ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", "0123456789abcdef0123456789abcdef"},
         {"ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY", "0123456789abcdef0123456789abcdef"},
         {"ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT", "0123456789abcdef0123456789abcdef"}});
    static_cast<void>(keys.open(input));
}

void manifest(const std::string& input, const fs::path&) {
    const auto parsed = store::parse_manifest(input, "manifest.json");
    store::parse_manifest(store::to_json(parsed), "manifest.json");
    store::restore_instructions(parsed);
}

void escape(const std::string& input, const fs::path&) {
    std::string path;
    if (media::append_unescaped(path, input)) {
        std::string again;
        std::string back;
        media::append_escaped(again, path);
        require(media::append_unescaped(back, again) && back == path, "escapes can be undone");
    }
    media::is_relative_and_clean(input);
}

void index_line(const std::string& input, const fs::path&) {
    media::Entry entry;
    media::parse_line(input, entry);
    std::string line;
    media::append_line(line, entry);
}

void index(const std::string& input, const fs::path& scratch) {
    media::IndexReader reader(in_file(compressed(input), scratch / "index"));
    while (reader.next() != nullptr) {
    }
}

/// A base and its changes, separated by a zero byte.
void index_changes(const std::string& input, const fs::path& scratch) {
    const auto end = std::min(input.find('\0'), input.size());
    const auto base = input.substr(0, end);
    const auto changes = input.substr(std::min(end + 1, input.size()));
    media::IndexReader reader({in_file(compressed(base), scratch / "index"),
                               in_file(compressed(changes), scratch / "changes")});
    while (reader.next() != nullptr) {
    }
}

void index_parts(const std::string& input, const fs::path& scratch) {
    media::read_index_parts(in_file(compressed(input), scratch / "parts"), Bytes{1 << 20});
}

void tar(const std::string& input, const fs::path&) {
    archive::TarReader reader(once(input));
    while (reader.next())
        while (!reader.data().empty()) {
        }
}

void zstd(const std::string& input, const fs::path&) {
    archive::ZstdDecompressor decompressor(once(input));
    // The callers have to limit the size of the output.
    for (std::size_t total = 0; total < (1 << 24);) {
        const auto block = decompressor.read();
        if (block.empty()) return;
        total += block.size();
    }
}

void dump_offsets(const std::string& input, const fs::path& scratch) {
    postgres::add_data_offsets(in_file(input, scratch / "dump"), {});
}

void copy(const std::string& input, const fs::path&) {
    std::int64_t rows = 0;
    std::optional<postgres::RowSearch> search;
    for (int reading = 0; reading < 3; ++reading) {
        rows = 0;
        postgres::CopiedLines lines(
            [&](std::string_view statement) {
                const auto names = postgres::listed_names(postgres::copied_column_list(statement));
                if (!search)
                    search.emplace(RowKey{{1, 2, 3}},
                                   postgres::KeyedTable{names, {names.empty() ? "" : names[0]}});
            },
            [&](std::string_view row) {
                search->add(++rows % 2 == 0 ? postgres::RowSearch::Side::then
                                            : postgres::RowSearch::Side::now,
                            row);
            });
        lines.feed(bytes_of(input));
        if (!search || !search->end_reading()) break;
    }
    if (search)
        for (const auto& row : search->found().rows)
            require(readable(row.key) == row.key, "a key is harmless");
    postgres::CopyCounter counter;
    counter.feed(bytes_of(input));
    std::int64_t counted_rows = 0;
    for (const auto& [table, count] : counter.finish()) counted_rows += count;
    require(counted_rows == rows, "rows that are read are those that are counted");
}

void rclone_log(const std::string& input, const fs::path&) {
    offsite::RcloneLog log([](Bytes) {});
    log.take(input);
    static_cast<void>(log.failure());
}

void rclone_config(const std::string& input, const fs::path&) {
    offsite::find_unpinned_sftp(input, "a:x");
    offsite::leads_to_plain(input, "a:x");
}

void rsync_list(const std::string& input, const fs::path&) {
    offsite::parse_rsync_list(input);
}

}  // namespace

const std::vector<Target>& targets() {
    static const std::vector<Target> all{{"base64", base64},
                                         {"text", text},
                                         {"times", times},
                                         {"measures", measures},
                                         {"yaml", yaml},
                                         {"dotenv", dotenv},
                                         {"database_url", database_url},
                                         {"encrypted_value", encrypted_value},
                                         {"manifest", manifest},
                                         {"instructions", instructions},
                                         {"escape", escape},
                                         {"index_line", index_line},
                                         {"index", index},
                                         {"index_changes", index_changes},
                                         {"index_parts", index_parts},
                                         {"tar", tar},
                                         {"zstd", zstd},
                                         {"dump_offsets", dump_offsets},
                                         {"copy", copy},
                                         {"rclone_log", rclone_log},
                                         {"rclone_config", rclone_config},
                                         {"rsync_list", rsync_list},
                                         {"sha256sums", sha256sums},
                                         {"segments", segments},
                                         {"seek_table", seek_table},
                                         {"anchors", anchors},
                                         {"difference", difference},
                                         {"signify_keys", signify_keys},
                                         {"signify_signature", signify_signature},
                                         {"pack_record", pack_record},
                                         {"offsite_history", offsite_history},
                                         {"dump_toc", dump_toc},
                                         {"journal_memory", journal_memory},
                                         {"boot_facts", boot_facts},
                                         {"unit_facts", unit_facts},
                                         {"byte_text", byte_text},
                                         {"dump_contents", dump_contents},
                                         {"contents_file", contents_file},
                                         {"contents_of_stream", contents_of_stream},
                                         {"restore_output", restore_output},
                                         {"state_json", state_json},
                                         {"history_json", history_json},
                                         {"run_json", run_json},
                                         {"drill_json", drill_json},
                                         {"prune_json", prune_json},
                                         {"scrub_ledger", scrub_ledger},
                                         {"queue_job", queue_job},
                                         {"journal_basis", journal_basis},
                                         {"bus_arguments", bus_arguments},
                                         {"unit_record", unit_record},
                                         {"engine_answers", engine_answers},
                                         {"helper_request", helper_request},
                                         {"restored_indexes", restored_indexes}};
    return all;
}

void run_once(const Target& target, const std::string& input, const fs::path& scratch) {
    try {
        target.run(input, scratch);
    } catch (const Error& error) {
        require(error.code() != Errc::internal, "a refusal is not an internal error");
    }
}

}  // namespace mastobak::fuzz
