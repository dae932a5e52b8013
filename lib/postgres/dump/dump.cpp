// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/dump.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "core/error.hpp"
#include "core/process/privilege.hpp"
#include "core/process/process.hpp"
#include "postgres/contents/contents_reader.hpp"
#include "postgres/dump/dump_watch.hpp"
#include "postgres/failures.hpp"

namespace mastobak::postgres {
namespace {

constexpr std::string_view magic = "PGDMP";

/// Parses pg_dump's messages: its first error, and the statement that failed.
class PgDumpLog {
 public:
    void take(std::string_view line) {
        constexpr std::string_view error = "pg_dump: error: ",
                                   query = "pg_dump: detail: Query was: ",
                                   closed = "server closed the connection unexpectedly";
        if (line.starts_with(error) && error_.empty()) error_ = line.substr(error.size());
        // The line after "pg_dump: error: query failed: ERROR:  …" may have the cause.
        if (line.starts_with(closed)) connection_lost_ = true;
        if (line.starts_with(query) && query_.empty()) query_ = line.substr(query.size());
    }
    const std::string& error() const { return error_; }
    /// Returns whether pg_dump failed to get a lock; false if the connection was lost meanwhile.
    bool of_a_lock() const { return query_.starts_with("LOCK TABLE") && !connection_lost_; }

 private:
    std::string error_;
    std::string query_;
    bool connection_lost_ = false;
};

std::chrono::seconds silence_limit(const DumpOptions& options) {
    return std::max(options.longest_silence, 2 * options.lock_timeout);
}

std::string options_of_session(const Settings& settings, const Tools& tools) {
    auto options = settings.session_options();
    // This time-out applies until pg_dump begins its transaction. Older servers do not know it.
    if (tools.server_major >= 14) options += " -c idle_session_timeout=0";
    // Equal rows must have the same text on every server, as contents are compared later.
    return options + " -c TimeZone=UTC -c bytea_output=hex -c quote_all_identifiers=off";
}

/// \param role pg_dump uses it with SET ROLE; empty: none
Command command_of(const DumpCall& call, const Tools& tools, const std::string& role) {
    Command command{.argv = {tools.pg_dump, "--format=custom", "--compress=0", "--no-password",
                             fmt::format("--lock-wait-timeout={}", call.lock_timeout.count())},
                    .environment = call.settings.environment()};
    if (!call.snapshot.empty()) command.argv.push_back("--snapshot=" + call.snapshot);
    if (call.definitions_only) command.argv.emplace_back("--schema-only");
    if (!role.empty()) command.argv.push_back("--role=" + role);
    command.environment["PGAPPNAME"] = call.application;
    command.environment["PGOPTIONS"] = call.session_options;
    command.environment["LC_ALL"] = "C";  // for PgDumpLog
    command.silence = call.silence;
    command.on_output = call.on_output;
    command.on_error_line = call.on_error_line;
    command.reach = call.settings.reach();
    return command;
}

/// Returns where pg_dump is, for messages.
std::string program_of(const Tools& tools) {
    return tools.place.empty() ? tools.pg_dump.native() : "pg_dump in " + tools.place;
}

/// Checks by the first bytes of pg_dump's output that it is a dump.
class Beginning {
 public:
    void take(std::span<const std::byte> block) {
        const auto missing = std::min(magic.size() - text_.size(), block.size());
        text_.append(reinterpret_cast<const char*>(block.data()), missing);
    }
    /// Throws Error{database}.
    void check(const Settings& settings, const Tools& tools) const {
        if (text_ == magic) return;
        throw Error(Errc::database,
                    fmt::format("pg_dump of {}: it ended without an error, but wrote {}",
                                settings.to_string(),
                                text_.empty() ? "nothing" : "something other than a dump"),
                    fmt::format("is '{}' the real one?", program_of(tools)));
    }

 private:
    std::string text_;
};

/// Returns a name that no other session of this or another mastobak process has at this time.
std::string application_name() {
    static std::atomic<unsigned> count = 0;
    return fmt::format("mastobak dump {}-{}", ::getpid(), ++count);
}

[[noreturn]] void fail(const Settings& settings, const Finished& finished,
                       const PgDumpLog& complaints, const DumpOptions& options,
                       const std::string& lock_holder, const std::string& waits_for) {
    if (finished.was_silent)
        throw Error(Errc::database,
                    fmt::format("pg_dump of {}: it wrote nothing for {} s and was ended; {}",
                                settings.to_string(), silence_limit(options).count(),
                                waits_for.empty() ? "the server has no session of it"
                                                  : "it was last seen at " + waits_for),
                    "does the server, or its disk, hang? see its log");
    if (complaints.of_a_lock() && !lock_holder.empty())
        throw Error(Errc::database,
                    fmt::format("pg_dump of {}: no lock within {} s; it is held by {}",
                                settings.to_string(), options.lock_timeout.count(), lock_holder),
                    "is a migration running? wait for its end, or set database.lock_timeout");
    throw dump_error(settings, complaints.error().empty() ? finished.reason() : complaints.error());
}

/// Which dump read_pg_dump() reads.
struct Wanted {
    std::string snapshot{};  ///< empty: none
    DumpPart part = DumpPart::all;
    std::string role{};  ///< see read_schema()
};

/// Runs pg_dump to its end.
/// \param on_block called with each block of its output, and the size of the output so far
/// \return the size of its output
/// Throws as dump() does.
Bytes read_pg_dump(const Settings& settings, const Tools& tools, const Wanted& wanted,
                   const DumpOptions& options,
                   const std::function<void(const DumpProgress&)>& progress,
                   const std::function<void(std::span<const std::byte>, Bytes)>& on_block,
                   std::stop_token stop) {
    PgDumpLog complaints;
    Beginning begin;
    Bytes written;
    DumpCall call{.settings = settings,
                  .session_options = options_of_session(settings, tools),
                  .application = application_name(),
                  .snapshot = wanted.snapshot,
                  .definitions_only = wanted.part == DumpPart::definitions,
                  .lock_timeout = options.lock_timeout,
                  .silence = silence_limit(options)};
    DumpWatch watch(settings, call.application, progress);
    call.on_error_line = [&](std::string_view line) { complaints.take(line); };
    call.on_output = [&](std::span<const std::byte> block) {
        begin.take(block);
        written += Bytes{block.size()};
        on_block(block, written);
        watch.add_bytes(block.size());
    };
    const auto finished = tools.run ? tools.run(call, std::move(stop))
                                    : run(command_of(call, tools, wanted.role), std::move(stop));
    watch.stop();
    if (!finished.ok())
        fail(settings, finished, complaints, options, watch.lock_holder(), watch.waits_for());
    begin.check(settings, tools);
    return written;
}

}  // namespace

Dump dump(const Settings& settings, const Tools& tools, const std::string& snapshot_id,
          const std::filesystem::path& file, const DumpOptions& options,
          const std::function<void(const DumpProgress&)>& progress, std::stop_token stop) {
    const auto writer = options.base ? dumps::write_difference(*options.base, file)
                                     : dumps::write_base(file, options.compression_level,
                                                         options.compression_threads);
    ContentsReader contents(make_row_key());
    const auto on_block = [&](std::span<const std::byte> block, Bytes so_far) {
        writer->write(block);
        contents.feed(block);
        if (options.on_bytes) options.on_bytes(so_far);
    };
    const auto uncompressed = read_pg_dump(settings, tools, {.snapshot = snapshot_id}, options,
                                           progress, on_block, std::move(stop));
    Dump dump{.files = writer->finish(), .uncompressed = uncompressed};
    if (progress) progress({.fraction = 1, .bytes = uncompressed, .table = {}});
    dump.contents = contents.finish();
    return dump;
}

Bytes try_dump(const Settings& settings, const Tools& tools, DumpPart part,
               const DumpOptions& options, std::stop_token stop, const std::string& snapshot_id) {
    return read_pg_dump(
        settings, tools, {.snapshot = snapshot_id, .part = part}, options, {}, [](auto, auto) {},
        std::move(stop));
}

std::optional<std::vector<TocEntry>> read_schema(const Settings& settings, const Tools& tools,
                                                 const std::string& role,
                                                 const DumpOptions& options, std::stop_token stop) {
    ContentsReader contents{RowKey{}};
    const Wanted wanted{.part = DumpPart::definitions, .role = role};
    run_as_user(settings.system_user, [&] {
        read_pg_dump(
            settings, tools, wanted, options, {},
            [&](std::span<const std::byte> block, Bytes) { contents.feed(block); }, stop);
    });
    if (!contents.finish()) return std::nullopt;
    return contents.entries();
}

}  // namespace mastobak::postgres
