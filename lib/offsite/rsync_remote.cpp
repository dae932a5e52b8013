// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/rsync_remote.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <sstream>
#include <system_error>
#include <utility>

#include "core/files.hpp"
#include "offsite/hints.hpp"
#include "offsite/object_name.hpp"
#include "offsite/stall_watch.hpp"

namespace mastobak::offsite {
namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

// Its last lines say only that there was an error; those before say which.
std::string failure_of(const Finished& finished) {
    std::istringstream lines(finished.error_tail);
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        const bool empty_words = line.starts_with("rsync error: ") ||
                                 line.find("connection unexpectedly closed") != std::string::npos;
        if (!empty_words && !line.empty()) text += line + " ";
    }
    return text.empty() ? one_line(finished.reason()) : one_line(text);
}

// "    1,234,567  12%  …" without the commas.
void take_progress(StallWatch& watch, std::span<const std::byte> block, std::string& line) {
    for (const auto byte : block) {
        const char c = static_cast<char>(byte);
        if (c != '\r' && c != '\n') {
            line += c;
            continue;
        }
        const auto begin = line.find_first_not_of(' ');
        std::uint64_t sent = 0;
        if (begin != std::string::npos &&
            std::from_chars(line.data() + begin, line.data() + line.size(), sent).ec == std::errc())
            watch.sent({sent});
        line.clear();
    }
}

void require_readable(const fs::path& path, const char* key) {
    if (::access(path.c_str(), R_OK) != 0)
        throw errno_error(
            Errc::offsite, fmt::format("read '{}'", path.native()), errno,
            fmt::format("'{}' has to be a file that the daemon's user can read", key));
}

}  // namespace

RsyncRemote::RsyncRemote(const config::Remote& entry, fs::path scratch)
    : entry_(entry), scratch_(std::move(scratch)) {}

Command RsyncRemote::command(std::vector<std::string> arguments) const {
    require_readable(entry_.identity_file, "identity_file");
    require_readable(entry_.known_hosts, "known_hosts");
    Command command;
    command.argv = {"rsync", "--rsh=" + ssh_command(entry_), "--no-human-readable"};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.kill_after = 3s;
    return command;
}

Finished RsyncRemote::call(const std::string& doing, const Command& command,
                           std::stop_token stop) const {
    auto finished = mastobak::run(command, std::move(stop));
    if (finished.ok()) return finished;
    const auto failure = failure_of(finished);
    throw Error(Errc::offsite, fmt::format("cannot {}: {}", doing, failure), hint_for(failure));
}

// The probe stays: whoever may remove it could remove backups as well.
void RsyncRemote::check(std::stop_token stop) {
    make_directories(scratch_, 0700, Errc::offsite);
    const auto probe = scratch_ / fmt::format("{}.mastobak-check", entry_.name);
    write_file(probe, "mastobak can write here\n", 0600, Errc::offsite);
    call(fmt::format("write to the remote '{}'", entry_.name),
         command({"--ignore-times", "--mkpath", "--", probe.native(),
                  below(entry_.target, ".mastobak-check")}),
         std::move(stop));
    std::error_code ignored;
    fs::remove(probe, ignored);
}

std::map<std::string, Bytes> RsyncRemote::list(const std::string& directory, std::stop_token stop) {
    const auto listing =
        call(fmt::format("list '{}' at the remote '{}'", directory, entry_.name),
             command({"--list-only", "--ignore-missing-args", "--",
                      below(entry_.target, directory.empty() ? "." : directory) + "/"}),
             std::move(stop));
    return parse_rsync_list(listing.output);
}

// With --checksum rsync reads both and says a line about those that differ. No --timeout: it is
// silent while it reads; ssh notices when the other side is gone.
RemoteObject::Hash RsyncRemote::compare(const Object& object, std::stop_token stop) const {
    const auto answer = call(fmt::format("hash '{}' at the remote '{}'", object.name, entry_.name),
                             command({"--dry-run", "--checksum", "--out-format=differs", "--",
                                      object.file.native(), below(entry_.target, object.name)}),
                             std::move(stop));
    return answer.output.empty() ? RemoteObject::Hash::equal : RemoteObject::Hash::different;
}

std::optional<RemoteObject> RsyncRemote::stat(const Object& object, std::stop_token stop) {
    const auto [directory, leaf] = split_name(object.name);
    const auto there = list(directory, stop);
    const auto found = there.find(leaf);
    if (found == there.end()) return std::nullopt;
    if (found->second != object.size)
        return RemoteObject{found->second, RemoteObject::Hash::different};
    return RemoteObject{found->second, compare(object, std::move(stop))};
}

void RsyncRemote::put(const Object& object, const UploadProgress& progress, std::stop_token stop) {
    if (is_there(object, stat(object, stop), entry_.name)) return;
    std::vector<std::string> arguments{
        "--ignore-existing", "--mkpath",   "--partial-dir=.mastobak-partial",
        "--info=progress2",  "--outbuf=N", "--timeout=300"};
    if (entry_.bandwidth)  // in KiB; 0 would be no limit
        arguments.push_back(fmt::format(
            "--bwlimit={}", std::max<std::uint64_t>(entry_.bandwidth->count / 1024, 1)));
    arguments.insert(arguments.end(),
                     {"--", object.file.native(), below(entry_.target, object.name)});
    auto upload = command(std::move(arguments));
    StallWatch watch(progress);
    std::string line;
    upload.on_output = [&](std::span<const std::byte> block) { take_progress(watch, block, line); };
    call(fmt::format("upload '{}' to the remote '{}'", object.name, entry_.name), upload, stop);
    if (!is_there(object, stat(object, stop), entry_.name))
        throw Error(Errc::offsite, fmt::format("'{}' was uploaded to the remote '{}', but is not "
                                               "there",
                                               object.name, entry_.name));
}

// "-rw-------          1,024 2026/11/22 03:00:00 name"; our names have no blanks.
std::map<std::string, Bytes> parse_rsync_list(const std::string& output) {
    std::map<std::string, Bytes> found;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string mode, date, time, leaf;
        std::uint64_t size = 0;
        if (line.starts_with('-') && words >> mode >> size >> date >> time >> leaf)
            found[leaf] = {size};
    }
    return found;
}

std::string ssh_command(const config::Remote& entry) {
    const auto quoted = [](const std::string& path) {
        if (path.find_first_of("'\"\\\n") != std::string::npos)
            throw Error(Errc::offsite, fmt::format("the path '{}' has quotes in it", path),
                        "give the file another name");
        std::string result;
        for (const char c : path) result += c == '%' ? "%%" : std::string(1, c);  // ssh's tokens
        return result;
    };
    // The double quotes are ssh's: it takes blanks there for the end of a file name.
    return fmt::format(
        "ssh -p {} -i '{}' '-oUserKnownHostsFile=\"{}\"' -oGlobalKnownHostsFile=/dev/null "
        "-oStrictHostKeyChecking=yes -oIdentitiesOnly=yes -oBatchMode=yes -oConnectTimeout=10 "
        "-oServerAliveInterval=15 -oServerAliveCountMax=4",
        entry.port, quoted(entry.identity_file.native()), quoted(entry.known_hosts.native()));
}

}  // namespace mastobak::offsite
