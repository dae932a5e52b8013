// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/rclone.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "core/contains.hpp"
#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/led.hpp"
#include "core/json.hpp"
#include "core/process/accounts.hpp"
#include "core/process/privilege.hpp"
#include "offsite/hints.hpp"
#include "offsite/object_name.hpp"

namespace mastobak::offsite {
namespace {

using namespace std::chrono_literals;

// With its default options, rclone needs almost five minutes to give up on a dead endpoint, and
// waits forever for the password of an encrypted configuration.
const std::vector<std::string>& common_options() {
    static const std::vector<std::string> options{"--ask-password=false", "--use-json-log",
                                                  "--retries=1",          "--low-level-retries=3",
                                                  "--contimeout=10s",     "--timeout=60s"};
    return options;
}

/// Returns the user as whom a process of root runs rclone; empty when that is its own user.
std::string user_of(const std::filesystem::path& config) {
    if (::geteuid() != 0) return {};
    const auto owner = owner_on_way(std::filesystem::absolute(config));
    if (!owner || *owner == 0) return {};
    if (const auto account = account_of(*owner)) return account->name;
    throw Error(Errc::environment,
                fmt::format("the owner {} of '{}' is not a known user", *owner, config.native()));
}

/// Makes a directory for another user below our own ones, which that user may traverse.
void make_for_user(const std::filesystem::path& directory, const std::string& user) {
    namespace fs = std::filesystem;
    make_directories(directory, 0700, Errc::offsite);
    give_to_user(directory, user);
    fs::permissions(directory.parent_path(), fs::perms::group_exec | fs::perms::others_exec,
                    fs::perm_options::add);
}

using json = Json;

/// The limit for collected messages. core/process limits the length of a line, but the remote
/// determines the number of lines.
constexpr std::size_t most_words = std::size_t{16} << 10;

// "2026/11/22 23:49:09 Failed to …"
std::string_view without_date(std::string_view line) {
    constexpr std::size_t date = sizeof "2026/11/22 23:49:09 " - 1;
    const bool dated =
        line.size() > date && line[4] == '/' && line[7] == '/' && line[date - 1] == ' ';
    return dated ? line.substr(date) : line;
}

// "Failed to lsjson with 2 errors: last error was: error in ListJSON: directory not found"
std::string_view without_preamble(std::string_view words) {
    constexpr std::string_view preamble = "last error was: ";
    const auto at = words.find(preamble);
    return at == std::string_view::npos ? words : words.substr(at + preamble.size());
}

}  // namespace

std::filesystem::path Rclone::place_of_copy() const {
    // rclone may write to this directory and read all of it, so it must not contain the copies for
    // other remotes.
    return scratch_ / fmt::format("rclone-{:.16}", to_hex(sha256_of(config_.native())));
}

std::filesystem::path Rclone::writable_config() const {
    namespace fs = std::filesystem;
    // rclone writes a new file and renames it, so the directory must be writable, too.
    if (scratch_.empty()) return config_;
    if (::access(config_.c_str(), W_OK) == 0 && ::access(config_.parent_path().c_str(), W_OK) == 0)
        return config_;
    const auto text = read_file(config_, Errc::offsite);
    const auto own = place_of_copy();
    auto copy = own / fmt::format("{:.16}.conf", to_hex(sha256_of(text)));
    std::error_code ignored;
    if (fs::exists(copy, ignored)) return copy;
    fs::remove_all(own, ignored);
    make_directories(own, 0700, Errc::offsite);
    // Earlier versions kept the copy here. Its token may be the only one that the server accepts.
    const auto earlier = own.native() + "-" + copy.filename().native();
    fs::rename(earlier, copy, ignored);
    if (!fs::exists(copy, ignored)) write_file(copy, text, 0600, Errc::offsite);
    return copy;
}

Reach Rclone::reach(const RcloneCall& call, const std::filesystem::path& config) const {
    Reach reach{.reads = call.reads, .sockets = Reach::Sockets::of_the_internet};
    reach.reads.push_back(config);
    for (const auto& file : call.reads) reach.lists.push_back(file.parent_path());
    // rclone writes a new configuration beside the old one and renames it.
    if (!scratch_.empty()) reach.writes.push_back(config.parent_path());
    reach.reads.insert(reach.reads.end(), local_.files.begin(), local_.files.end());
    reach.writes.insert(reach.writes.end(), local_.directories.begin(), local_.directories.end());
    if (!call.temporary.empty()) reach.writes.push_back(call.temporary);
    return reach;
}

Finished Rclone::run(const RcloneCall& call, std::stop_token stop) const {
    const auto user = user_of(config_);
    if (user.empty()) return run_here(call, std::move(stop));
    if (!scratch_.empty()) make_for_user(place_of_copy(), user);
    Finished finished;
    run_as_user(user, [&] { finished = run_here(call, std::move(stop)); });
    return finished;
}

Finished Rclone::run_here(const RcloneCall& call, std::stop_token stop) const {
    // rclone treats a missing configuration as an empty one, and would create it.
    if (::access(config_.c_str(), R_OK) != 0)
        throw errno_error(Errc::offsite, fmt::format("read '{}'", config_.native()), errno,
                          "'rclone_config' has to name the file in which `rclone config` keeps its "
                          "remotes, and the daemon's user has to be able to read it");
    RcloneLog log(call.on_sent);
    Command command;
    const auto config = writable_config();
    command.argv = {"rclone", "--config", config.native()};
    command.environment = {{"HOME", no_home}};
    command.proxies = true;
    if (!call.temporary.empty()) command.environment["TMPDIR"] = call.temporary.native();
    command.reach = reach(call, config);
    command.argv.insert(command.argv.end(), common_options().begin(), common_options().end());
    command.argv.insert(command.argv.end(), call.arguments.begin(), call.arguments.end());
    command.on_error_line = [&log](std::string_view line) { log.take(line); };
    command.on_output = call.on_output;
    std::span<const char> input(call.input);
    if (!input.empty())
        command.input = [&input](std::span<std::byte> block) {
            const auto size = std::min(block.size(), input.size());
            std::memcpy(block.data(), input.data(), size);
            input = input.subspan(size);
            return size;
        };
    command.largest_file = call.largest_file;
    command.timeout = call.timeout;
    command.silence = call.silence;
    command.kill_after = 3s;
    auto finished = mastobak::run(command, std::move(stop));
    if (finished.ok() || contains(call.answers, finished.exit_status)) return finished;
    const auto failure = log.failure().empty() ? finished.reason() : log.failure();
    throw Error(Errc::offsite, fmt::format("cannot {}: {}", call.doing, failure),
                hint_for(failure));
}

std::string Rclone::dump_config(std::stop_token stop) const {
    constexpr std::chrono::seconds patience{30};
    return run({.doing = "read the configuration of rclone",
                .arguments = {"config", "dump"},
                .timeout = patience},
               std::move(stop))
        .output;
}

void RcloneLog::take(std::string_view line) {
    const auto entry = json::parse(line, nullptr, false);
    if (!entry.is_object()) {
        const auto words = without_date(line);
        // Only the first line of a message has a date; it replaces the previous message.
        if (words.size() != line.size()) last_words_.clear();
        if (last_words_.size() < most_words) last_words_.append(words).append(" ");
        return;
    }
    const auto level = entry.value("level", json());
    const auto text = entry.value("msg", json());
    if (level.is_string() && text.is_string() && level != "info" && level != "debug" &&
        level != "notice" && level != "warning")
        last_error_ = text.get<std::string>();
    if (first_error_.empty()) first_error_ = last_error_;
    const auto stats = entry.find("stats");
    if (stats == entry.end() || !stats->is_object() || !on_sent_) return;
    if (const auto bytes = stats->value("bytes", json()); bytes.is_number_unsigned())
        on_sent_({bytes.get<std::uint64_t>()});
}

std::string RcloneLog::failure() const {
    const auto words = without_preamble(last_words_.empty() ? last_error_ : last_words_);
    // After the failed removal of several objects, the last message has only their number; the
    // first error has the reason.
    const bool counts = words.starts_with("failed to delete ") && !first_error_.empty();
    return one_line(counts ? first_error_ : words);
}

}  // namespace mastobak::offsite
