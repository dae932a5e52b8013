// SPDX-License-Identifier: GPL-3.0-or-later
//
// Targets: small files of sets, of the state directory and of pg_dump.
#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/signify.hpp"
#include "mastodon/unit_facts.hpp"
#include "media/journal_memory.hpp"
#include "offsite/history.hpp"
#include "postgres/dump_toc.hpp"
#include "store/byte_text.hpp"
#include "store/pack_record_file.hpp"
#include "store/sha256sums.hpp"
#include "targets.hpp"

namespace mastobak::fuzz {
namespace fs = std::filesystem;
namespace {

fs::path in_file(const std::string& input, const fs::path& file) {
    write_file(file, input, 0600, Errc::internal);
    return file;
}

}  // namespace

void sha256sums(const std::string& input, const fs::path&) {
    const auto sums = store::parse_sha256sums(input, "SHA256SUMS");
    require(store::parse_sha256sums(store::to_sha256sums(sums), "SHA256SUMS") == sums,
            "sums can be written again");
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

void journal_memory(const std::string& input, const fs::path&) {
    if (const auto memory = media::parse_journal_memory(input))
        static_cast<void>(media::to_text(*memory));
}

void unit_facts(const std::string& input, const fs::path&) {
    mastodon::parse_unit_environment(input);
    mastodon::parse_environment_file_list(input);
    mastodon::parse_environment_file(input);
}

void byte_text(const std::string& input, const fs::path&) {
    store::from_utf8(input);
    require(store::from_utf8(store::to_utf8(input)) == input, "bytes come back");
}

}  // namespace mastobak::fuzz
