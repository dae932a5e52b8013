// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/rsync_remote.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>
#include <utility>

#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/files/polite_read.hpp"
#include "core/files/unique_fd.hpp"
#include "offsite/hints.hpp"
#include "offsite/object_name.hpp"
#include "offsite/remotes/incoming_file.hpp"
#include "offsite/remotes/removal_plan.hpp"
#include "offsite/stall_watch.hpp"

namespace mastobak::offsite {
namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_progress = 256;
// A listing of thousands of packs takes seconds; the limit is for a server that never ends it.
constexpr auto longest_listing = 30min;

// Parses rsync's progress, "    1,234,567  12%  …".
void take_progress(StallWatch& watch, std::span<const std::byte> block, std::string& line) {
    for (const auto byte : block) {
        const char c = static_cast<char>(byte);
        if (c != '\r' && c != '\n') {
            // Messages of the server can have any length and no line end.
            if (line.size() < longest_progress) line += c;
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

// rsync takes the limit in KiB; 0 would mean no limit.
std::string limit_of(Bytes bandwidth) {
    return fmt::format("--bwlimit={}", std::max<std::uint64_t>(bandwidth.count / 1024, 1));
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

Command RsyncRemote::command(std::vector<std::string> arguments, Reach reach) const {
    require_readable(entry_.identity_file, "identity_file");
    require_readable(entry_.known_hosts, "known_hosts");
    Command command;
    command.argv = {"rsync", "--rsh=" + ssh_command(entry_), "--no-human-readable"};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.environment = {{"HOME", no_home}};
    command.kill_after = 3s;
    const auto& key = entry_.identity_file.native();
    for (const auto& file : {key, key + ".pub", key + "-cert.pub", entry_.known_hosts.native()})
        reach.reads.emplace_back(file);
    reach.sockets = Reach::Sockets::of_the_internet;
    command.reach = std::move(reach);
    return command;
}

std::string RsyncRemote::directory(const std::string& name) const {
    if (!name.empty()) return below(entry_.target, name) + "/";
    // "host:" is the home directory, but "host:/" would be the root directory.
    return entry_.target + (entry_.target.ends_with(':') ? "./" : "/");
}

// The probe stays at the remote, because an account should not need the right to remove.
void RsyncRemote::check(std::stop_token stop) {
    const auto probe = scratch_ / entry_.name / ".mastobak-check";
    make_directories(probe.parent_path(), 0700, Errc::offsite);
    write_file(probe, "mastobak can write here\n", 0600, Errc::offsite);
    const auto written =
        run(command({"--ignore-times", "--mkpath", "--", probe.native(), directory("")},
                    {.reads = {probe}}),
            std::move(stop));
    require_rsync(fmt::format("write to the remote '{}'", entry_.name), written);
    std::error_code ignored;
    fs::remove_all(probe.parent_path(), ignored);
}

// rsync reports a missing directory as an error, which counts as an empty directory here. The same
// message may mean that rsync itself is missing there. Then the next upload fails; no object is
// ever overwritten because of this result.
RsyncListing RsyncRemote::look_at(const std::string& name, std::stop_token stop) const {
    auto list = command({"--list-only", "--", directory(name)});
    list.timeout = longest_listing;
    const auto listing = run(list, std::move(stop));
    if (!listing.ok() && listing.error_tail.find("No such file or directory") != std::string::npos)
        return {};
    require_rsync(fmt::format("list '{}' at the remote '{}'", name, entry_.name), listing);
    return parse_rsync_list(listing.output);
}

std::map<std::string, Bytes> RsyncRemote::list(const std::string& directory, std::stop_token stop) {
    return look_at(directory, std::move(stop)).files;
}

std::set<std::string> RsyncRemote::directories(const std::string& directory, std::stop_token stop) {
    return look_at(directory, std::move(stop)).directories;
}

// With --checksum, rsync reads both files and prints a line if they differ. The command is a fetch
// (which --dry-run prevents), because for an upload an account that may only add would compare only
// the name. There is no --timeout, because rsync prints nothing while it reads; ssh detects a lost
// connection.
RemoteObject::Hash RsyncRemote::compare(const Object& object, std::stop_token stop) const {
    const auto doing = fmt::format("hash '{}' at the remote '{}'", object.name, entry_.name);
    const auto answer = run(command({"--dry-run", "--checksum", "--out-format=differs", "--",
                                     below(entry_.target, object.name), object.file.native()},
                                    {.reads = {object.file}}),
                            std::move(stop));
    require_rsync(doing, answer);
    return answer.output.empty() ? RemoteObject::Hash::equal : RemoteObject::Hash::different;
}

std::optional<RemoteObject> RsyncRemote::stat(const Object& object, std::stop_token stop) {
    const auto [parent, leaf] = split_name(object.name);
    // rsync's target is a directory, because rrsync rejects the name of an existing file. So the
    // local file must have the name of the object.
    if (object.file.filename() != leaf)
        throw Error(Errc::internal, fmt::format("'{}' is not the file of the object '{}'",
                                                object.file.native(), object.name));
    const auto there = list(parent, stop);
    const auto found = there.find(leaf);
    if (found == there.end()) return std::nullopt;
    if (found->second != object.size)
        return RemoteObject{found->second, RemoteObject::Hash::different};
    return RemoteObject{found->second, compare(object, std::move(stop))};
}

void RsyncRemote::put(const Object& object, const UploadProgress& progress, std::stop_token stop) {
    if (is_there(object, stat(object, stop), entry_.name)) return;
    send(object, {"--ignore-existing", "--mkpath"}, progress, std::move(stop));
}

Finished RsyncRemote::transfer(std::vector<std::string> arguments, std::optional<Bytes> bandwidth,
                               const std::string& from, const std::string& to, Reach reach,
                               std::optional<Bytes> largest_file, const UploadProgress& progress,
                               const std::stop_token& stop) const {
    for (const auto* option : {"--info=progress2", "--outbuf=N", "--timeout=300"})
        arguments.emplace_back(option);
    if (bandwidth) arguments.push_back(limit_of(*bandwidth));
    for (const auto& argument : {std::string("--"), from, to}) arguments.push_back(argument);
    auto transfer = command(std::move(arguments), std::move(reach));
    transfer.largest_file = largest_file;
    StallWatch watch(progress);
    std::string line;
    transfer.on_output = [&](auto block) { take_progress(watch, block, line); };
    return run(transfer, stop);
}

void RsyncRemote::send(const Object& object, const std::vector<std::string>& how,
                       const UploadProgress& progress, std::stop_token stop) {
    auto arguments = how;
    if (keeps_partial_) arguments.push_back("--partial-dir=.mastobak-partial");
    const auto finished = transfer(std::move(arguments), entry_.bandwidth, object.file.native(),
                                   directory(split_name(object.name).directory),
                                   {.reads = {object.file}}, {}, progress, stop);
    // An account that may only add (rrsync -no-overwrite) cannot resume a partial file.
    if (keeps_partial_ &&
        finished.error_tail.find("--partial-dir has been disabled") != std::string::npos) {
        keeps_partial_ = false;
        return send(object, how, progress, std::move(stop));
    }
    require_rsync(fmt::format("upload '{}' to the remote '{}'", object.name, entry_.name),
                  finished);
    if (compare(object, std::move(stop)) != RemoteObject::Hash::equal)
        throw Error(Errc::offsite, fmt::format("'{}' was uploaded to the remote '{}', but what is "
                                               "there differs from it",
                                               object.name, entry_.name));
}

Bytes RsyncRemote::size_of_whole(const Part& part, const std::stop_token& stop) const {
    if (part.whole != Bytes{}) return part.whole;
    const auto [parent, leaf] = split_name(part.name);
    const auto files = look_at(parent, stop).files;
    const auto there = files.find(leaf);
    return there == files.end() ? part.offset + part.length : there->second;
}

Digest RsyncRemote::get(const Part& part, const fs::path& file, std::stop_token stop) {
    return fetch(part, file, {}, stop);
}

Digest RsyncRemote::fetch(const Part& part, const fs::path& file, std::optional<Bytes> bandwidth,
                          const std::stop_token& stop) {
    const auto leaf = split_name(part.name).leaf;
    IncomingFile incoming(part, file, entry_.name);
    const Temporary whole(file.native() + ".whole");
    make_directories(whole.path(), 0700, Errc::offsite);
    // The server may send more than the size that it reported, until the disk is full.
    const auto fetched =
        transfer({}, bandwidth, below(entry_.target, part.name), whole.path().native() + "/",
                 {.writes = {whole.path()}}, size_of_whole(part, stop), {}, stop);
    require_rsync(fmt::format("fetch '{}' from the remote '{}'", part.name, entry_.name), fetched);
    const auto at = open_file(whole.path(), O_PATH | O_DIRECTORY, Errc::offsite);
    const auto came = open_beneath(at.get(), leaf, O_RDONLY | O_NONBLOCK);
    if (!came)
        throw errno_error(Errc::offsite, fmt::format("open '{}'", (whole.path() / leaf).native()),
                          errno);
    incoming.copy_from(came.get(), whole.path() / leaf, stop);
    return incoming.finish();
}

// rsync transfers the whole object for each part, so the whole object is fetched once and then read
// from the local copy.
void RsyncRemote::read(const Part& part, const TakeBlock& take, std::stop_token stop) {
    make_directories(scratch_ / entry_.name, 0700, Errc::offsite);
    const Temporary copy(scratch_ / entry_.name / "read");
    fetch(part, copy.path(), entry_.bandwidth, stop);
    const auto fd = open_file(copy.path(), O_RDONLY, Errc::offsite);
    read_through(fd.get(), 0, part.length.count, copy.path(), take, stop, Errc::offsite);
}

std::string RsyncRemote::hash_of_bytes(std::stop_token) {
    return "rsync";
}

// If the files differ, rsync writes a temporary file, verifies it, and renames it over the object.
void RsyncRemote::replace(const Object& object, const UploadProgress& progress,
                          std::stop_token stop) {
    send(object, {"--checksum", "--mkpath"}, progress, std::move(stop));
}

std::string RsyncRemote::remove(const std::vector<std::string>& names, std::stop_token stop) {
    for (const auto& objects : objects_to_remove(*this, names, stop)) {
        if (auto refusal = remove_from(objects.directory, objects.leaves, stop); !refusal.empty())
            return refusal;
        if (!objects.empties) continue;
        const auto [parent, leaf] = split_name(objects.directory);
        // If the directory is not empty after all, rsync keeps it and only prints a message.
        if (auto refusal = remove_from(parent, {leaf + "/"}, stop); !refusal.empty())
            return refusal;
    }
    return {};
}

// rsync removes by synchronizing a directory with an empty one. The filters limit the removal to
// the entries.
std::string RsyncRemote::remove_from(const std::string& name,
                                     const std::vector<std::string>& entries,
                                     const std::stop_token& stop) const {
    const Temporary empty(scratch_ / entry_.name / "empty");
    make_directories(empty.path(), 0700, Errc::offsite);
    std::vector<std::string> arguments{"--recursive", "--delete", "--timeout=300",
                                       fmt::format("--max-delete={}", entries.size())};
    for (const auto& entry : entries) arguments.push_back("--include=/" + entry);
    arguments.insert(arguments.end(),
                     {"--exclude=*", "--", empty.path().native() + "/", directory(name)});
    const auto finished = run(command(std::move(arguments), {.reads = {empty.path()}}), stop);
    const auto doing = fmt::format("remove from '{}' at the remote '{}'", name, entry_.name);
    try {
        require_rsync(doing, finished);
    } catch (const Error& e) {
        if (!forbids_removal(e.text())) throw;
        return e.text();
    }
    return {};
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
    // The double quotes are for ssh, for which a blank ends a file name in these options.
    return fmt::format(
        "ssh -F none -p {} '-oIdentityFile=\"{}\"' '-oUserKnownHostsFile=\"{}\"' "
        "-oGlobalKnownHostsFile=/dev/null "
        "-oStrictHostKeyChecking=yes -oIdentitiesOnly=yes -oBatchMode=yes -oConnectTimeout=10 "
        "-oServerAliveInterval=15 -oServerAliveCountMax=4",
        entry.port, quoted(entry.identity_file.native()), quoted(entry.known_hosts.native()));
}

}  // namespace mastobak::offsite
