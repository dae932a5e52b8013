// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mastobak::fuzz {

/// A parser of foreign input. It throws Error for input that it refuses. Another exception, a
/// finding of a sanitizer, or a property that does not hold is a defect.
struct Target {
    std::string name;  ///< also the name of its corpus
    void (*run)(const std::string& input, const std::filesystem::path& scratch);
};

const std::vector<Target>& targets();

/// Runs a target once. Ignores an Error; calls std::abort() when a property does not hold.
/// \param scratch an empty directory for targets that read files
void run_once(const Target& target, const std::string& input, const std::filesystem::path& scratch);

/// Prints `what` and calls std::abort() if the property does not hold.
void require(bool holds, const char* what);

/// Writes the input to a file, and returns its path. It does not sync the file, because that takes
/// longer than the parsing.
std::filesystem::path in_file(const std::string& input, const std::filesystem::path& file);

// Defined in targets_guide.cpp.
void instructions(const std::string& input, const std::filesystem::path& scratch);

// Defined in targets_store.cpp.
void sha256sums(const std::string& input, const std::filesystem::path& scratch);
void segments(const std::string& input, const std::filesystem::path& scratch);
void seek_table(const std::string& input, const std::filesystem::path& scratch);
void anchors(const std::string& input, const std::filesystem::path& scratch);
void difference(const std::string& input, const std::filesystem::path& scratch);
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

// Defined in targets_containers.cpp.
void engine_answers(const std::string& input, const std::filesystem::path& scratch);
void helper_request(const std::string& input, const std::filesystem::path& scratch);

// Defined in targets_restore.cpp.
void restored_indexes(const std::string& input, const std::filesystem::path& scratch);

}  // namespace mastobak::fuzz
