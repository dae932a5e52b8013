// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mastobak::fuzz {

/// A parser of what others have written. What it refuses, it refuses with Error; anything else that
/// it throws, a finding of a sanitizer, or a property that does not hold is a defect.
struct Target {
    std::string name;  ///< that of its corpus, too
    void (*run)(const std::string& input, const std::filesystem::path& scratch);
};

const std::vector<Target>& targets();

/// Runs it once. Errors are an answer; std::abort() where a property does not hold.
/// \param scratch an empty directory for targets that read files
void run_once(const Target& target, const std::string& input, const std::filesystem::path& scratch);

/// std::abort()s, saying what, unless it holds.
void require(bool holds, const char* what);

/// The input as a file, not durably: syncing one takes longer than to parse it.
std::filesystem::path in_file(const std::string& input, const std::filesystem::path& file);

// Defined in targets_guide.cpp.
void instructions(const std::string& input, const std::filesystem::path& scratch);

// Defined in targets_store.cpp.
void sha256sums(const std::string& input, const std::filesystem::path& scratch);
void signify_keys(const std::string& input, const std::filesystem::path& scratch);
void signify_signature(const std::string& input, const std::filesystem::path& scratch);
void pack_record(const std::string& input, const std::filesystem::path& scratch);
void offsite_history(const std::string& input, const std::filesystem::path& scratch);
void dump_toc(const std::string& input, const std::filesystem::path& scratch);
void journal_memory(const std::string& input, const std::filesystem::path& scratch);
void boot_facts(const std::string& input, const std::filesystem::path& scratch);
void unit_facts(const std::string& input, const std::filesystem::path& scratch);
void byte_text(const std::string& input, const std::filesystem::path& scratch);
void dump_contents(const std::string& input, const std::filesystem::path& scratch);
void contents_file(const std::string& input, const std::filesystem::path& scratch);
void contents_of_stream(const std::string& input, const std::filesystem::path& scratch);
void restore_output(const std::string& input, const std::filesystem::path& scratch);

// Defined in targets_daemon.cpp.
void state_json(const std::string& input, const std::filesystem::path& scratch);
void history_json(const std::string& input, const std::filesystem::path& scratch);
void run_json(const std::string& input, const std::filesystem::path& scratch);
void drill_json(const std::string& input, const std::filesystem::path& scratch);
void prune_json(const std::string& input, const std::filesystem::path& scratch);
void scrub_ledger(const std::string& input, const std::filesystem::path& scratch);
void queue_job(const std::string& input, const std::filesystem::path& scratch);
void journal_basis(const std::string& input, const std::filesystem::path& scratch);
void bus_arguments(const std::string& input, const std::filesystem::path& scratch);
void unit_record(const std::string& input, const std::filesystem::path& scratch);

// Defined in targets_restore.cpp.
void restored_indexes(const std::string& input, const std::filesystem::path& scratch);

}  // namespace mastobak::fuzz
