// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/rclone.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/sha256.hpp"
#include "offsite/hints.hpp"
#include "offsite/object_name.hpp"
#include "offsite/rclone_log.hpp"

namespace mastobak::offsite {
namespace {

using namespace std::chrono_literals;

// With its own defaults a dead endpoint takes rclone almost five minutes, and for the password of
// an encrypted configuration it would wait for ever.
const std::vector<std::string>& common_options() {
    static const std::vector<std::string> options{"--ask-password=false", "--use-json-log",
                                                  "--retries=1",          "--low-level-retries=3",
                                                  "--contimeout=10s",     "--timeout=60s"};
    return options;
}

std::string digest_of(std::string_view text) {
    Sha256 hash;
    hash.update(std::as_bytes(std::span(text)));
    return to_hex(hash.finish());
}

}  // namespace

std::filesystem::path Rclone::writable_config() const {
    namespace fs = std::filesystem;
    // It writes a new file and renames it.
    if (scratch_.empty()) return config_;
    if (::access(config_.c_str(), W_OK) == 0 && ::access(config_.parent_path().c_str(), W_OK) == 0)
        return config_;
    const auto text = read_file(config_, Errc::offsite);
    const auto of_path = fmt::format("rclone-{:.16}-", digest_of(config_.native()));
    auto copy = scratch_ / fmt::format("{}{:.16}.conf", of_path, digest_of(text));
    std::error_code ignored;
    if (fs::exists(copy, ignored)) return copy;
    make_directories(scratch_, 0700, Errc::offsite);
    for (const auto& entry : fs::directory_iterator(scratch_, ignored))
        if (entry.path().filename().native().starts_with(of_path))
            fs::remove(entry.path(), ignored);
    write_file(copy, text, 0600, Errc::offsite);
    return copy;
}

Finished Rclone::run(const RcloneCall& call, std::stop_token stop) const {
    // rclone takes a file that is missing for an empty one, and would write to it.
    if (::access(config_.c_str(), R_OK) != 0)
        throw errno_error(Errc::offsite, fmt::format("read '{}'", config_.native()), errno,
                          "'rclone_config' has to name the file in which `rclone config` keeps its "
                          "remotes, and the daemon's user has to be able to read it");
    RcloneLog log(call.on_sent);
    Command command;
    command.argv = {"rclone", "--config", writable_config().native()};
    command.environment = {{"HOME", no_home}};
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
    command.kill_after = 3s;
    auto finished = mastobak::run(command, std::move(stop));
    const bool answered = std::find(call.answers.begin(), call.answers.end(),
                                    finished.exit_status) != call.answers.end();
    if (finished.ok() || answered) return finished;
    const auto failure = log.failure().empty() ? finished.reason() : log.failure();
    throw Error(Errc::offsite, fmt::format("cannot {}: {}", call.doing, failure),
                hint_for(failure));
}

}  // namespace mastobak::offsite
