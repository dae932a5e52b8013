// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/rclone_remote.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "core/files/files.hpp"
#include "core/json.hpp"
#include "offsite/hints.hpp"
#include "offsite/object_name.hpp"
#include "offsite/remotes/incoming_file.hpp"
#include "offsite/remotes/rclone_config.hpp"
#include "offsite/remotes/removal_plan.hpp"
#include "offsite/stall_watch.hpp"

namespace mastobak::offsite {
namespace {

using namespace std::chrono_literals;
using json = Json;

constexpr int no_such_directory = 3;
constexpr std::string_view partial = ".partial";
/// The limit for files that rclone writes while it reads from a remote: its configuration with
/// renewed tokens.
constexpr Bytes largest_configuration{std::uint64_t{16} << 20};

/// The exit statuses for calls whose failure is ignored.
const std::vector<int> any_end{1, 2, 3, 4, 5, 6, 7, 8, 9};

// The time limit of a call without a transfer. For a hash, the remote may have to read a large
// object for minutes.
constexpr auto longest_question = 30min;

// SHA-256 is preferred, because it is known and the local file need not be read.
std::string common_hash(const json& features) {
    constexpr std::array known{"sha256", "md5", "sha1"};
    const auto hashes = features.value("Hashes", json::array());
    for (const auto* hash : known)
        for (const auto& theirs : hashes)
            if (theirs == hash) return hash;
    return {};
}

json entries_of(const std::string& listing, const std::string& remote) {
    auto entries = json::parse(listing, nullptr, false);
    if (!entries.is_array())
        throw Error(Errc::offsite,
                    fmt::format("what rclone says of the remote '{}' is not a list", remote));
    return entries;
}

// Returns empty for a hidden entry and for JSON that is not an entry.
std::string visible_name(const json& entry) {
    const auto leaf = entry.is_object() ? entry.value("Name", json()) : json();
    auto name = leaf.is_string() ? leaf.get<std::string>() : std::string();
    return name.starts_with('.') ? std::string() : name;
}

}  // namespace

RcloneRemote::RcloneRemote(const config::Remote& entry, std::filesystem::path scratch)
    : name_(entry.name),
      target_(entry.target),
      bandwidth_(entry.bandwidth),
      scratch_(std::move(scratch)),
      rclone_(entry.rclone_config, scratch_) {}

std::string RcloneRemote::path(std::string_view name) const {
    return below(target_, name);
}

Finished RcloneRemote::call(std::string doing, std::vector<std::string> arguments,
                            std::stop_token stop, std::vector<int> answers,
                            std::vector<std::filesystem::path> reads) const {
    return rclone_.run({.doing = std::move(doing),
                        .arguments = std::move(arguments),
                        .on_sent = {},
                        .answers = std::move(answers),
                        .timeout = longest_question,
                        .reads = std::move(reads)},
                       std::move(stop));
}

const RcloneRemote::Abilities& RcloneRemote::abilities(std::stop_token stop) {
    if (abilities_) return *abilities_;
    const auto dump = rclone_.dump_config(stop);
    if (const auto unpinned = find_unpinned_sftp(dump, target_))
        throw Error(Errc::offsite,
                    fmt::format("the remote '{}' goes to '{}' of '{}', which accepts any host key",
                                name_, *unpinned, rclone_.config().native()),
                    "add 'known_hosts_file = …' to it, a file with the server's key, which "
                    "`ssh-keyscan -p PORT HOST` prints; compare it before you trust it");
    rclone_.allow(local_paths(dump, target_));
    const auto answer = call(fmt::format("ask what the remote '{}' can do", name_),
                             {"backend", "features", target_}, std::move(stop));
    const auto features = json::parse(answer.output, nullptr, false);
    if (!features.is_object())
        throw Error(Errc::offsite,
                    fmt::format("rclone does not say what the remote '{}' can do", name_));
    const auto can = features.value("Features", json::object());
    abilities_ = Abilities{can.value("Move", false), common_hash(features),
                           can.value("SlowHash", false), can.value("About", false)};
    return *abilities_;
}

void RcloneRemote::check(std::stop_token stop) {
    abilities_.reset();
    abilities(stop);
    const auto probe = scratch_ / fmt::format("{}.mastobak-check", name_);
    make_directories(scratch_, 0700, Errc::offsite);
    write_file(probe, "mastobak can write here\n", 0600, Errc::offsite);
    const auto there = path(".mastobak-check");
    call(fmt::format("write to the remote '{}'", name_),
         {"copyto", "--ignore-times", probe.native(), there}, stop, {}, {probe});
    std::error_code ignored;
    std::filesystem::remove(probe, ignored);
    // A remote that forbids removal is fine, so a failure is ignored.
    call(fmt::format("remove a probe at the remote '{}'", name_), {"deletefile", there}, stop,
         any_end);
}

// Lists the directory instead of using `lsjson --stat` or `copyto` for the object: if an object
// store answers the request for one name with an error, rclone assumes a directory and continues.
std::string RcloneRemote::lsjson(const std::string& directory, const char* option,
                                 std::stop_token stop) {
    abilities(stop);
    auto answer = call(fmt::format("list '{}' at the remote '{}'", directory, name_),
                       {"lsjson", option, "--no-modtime", "--no-mimetype", path(directory)},
                       std::move(stop), {no_such_directory});
    if (answer.exit_status == no_such_directory) return "[]";
    return std::move(answer.output);
}

std::map<std::string, Bytes> RcloneRemote::list(const std::string& directory,
                                                std::stop_token stop) {
    std::map<std::string, Bytes> found;
    for (const auto& entry :
         entries_of(lsjson(directory, "--files-only", std::move(stop)), name_)) {
        const auto size = entry.is_object() ? entry.value("Size", json()) : json();
        if (!size.is_number_integer() || size.get<std::int64_t>() < 0) continue;
        if (auto leaf = visible_name(entry); !leaf.empty())
            found[std::move(leaf)] = {size.get<std::uint64_t>()};
    }
    return found;
}

std::set<std::string> RcloneRemote::directories(const std::string& directory,
                                                std::stop_token stop) {
    std::set<std::string> found;
    for (const auto& entry : entries_of(lsjson(directory, "--dirs-only", std::move(stop)), name_))
        if (auto leaf = visible_name(entry); !leaf.empty()) found.insert(std::move(leaf));
    return found;
}

// Parses "764efa883dda1e11db47671c4a3bbd9e  a"; rclone prints blanks if the remote has no hash.
std::string RcloneRemote::digest_of(const std::string& path, const std::string& doing,
                                    std::stop_token stop, std::vector<std::filesystem::path> ours) {
    const auto hash = abilities(stop).hash;
    const auto answer = call(doing, {"hashsum", hash, path}, stop, {}, std::move(ours));
    const auto digest = answer.output.substr(0, answer.output.find(' '));
    return digest.find_first_not_of("0123456789abcdef") == std::string::npos ? digest : "";
}

RemoteObject::Hash RcloneRemote::compare(const Object& object, std::stop_token stop) {
    using enum RemoteObject::Hash;
    const auto hash = abilities(stop).hash;
    if (hash.empty()) return unknown;
    const auto theirs = digest_of(
        path(object.name), fmt::format("hash '{}' at the remote '{}'", object.name, name_), stop);
    if (theirs.empty()) return unknown;
    const auto ours = hash == "sha256" ? to_hex(object.sha256)
                                       : digest_of(object.file.native(),
                                                   fmt::format("hash '{}'", object.file.native()),
                                                   stop, {object.file});
    if (ours.empty()) return unknown;
    return ours == theirs ? equal : different;
}

std::optional<RemoteObject> RcloneRemote::stat(const Object& object, std::stop_token stop) {
    const auto [directory, leaf] = split_name(object.name);
    const auto there = list(directory, stop);
    const auto found = there.find(leaf);
    if (found == there.end()) return std::nullopt;
    if (found->second != object.size)
        return RemoteObject{found->second, RemoteObject::Hash::different};
    return RemoteObject{found->second, compare(object, std::move(stop))};
}

// rclone compares size and, where both sides have one, hash itself after the transfer, and fails if
// they differ.
void RcloneRemote::upload(const Object& object, const std::string& path,
                          const UploadProgress& progress, std::stop_token stop) {
    StallWatch watch(progress);
    RcloneCall copy;
    copy.doing = fmt::format("upload '{}' to the remote '{}'", object.name, name_);
    // Without --ignore-times, rclone would keep the remains of an interrupted upload if their size
    // matches.
    copy.arguments = {"copyto", "--ignore-times", "--stats=1s", "-v"};
    if (bandwidth_) copy.arguments.push_back(fmt::format("--bwlimit={}B", bandwidth_->count));
    copy.arguments.insert(copy.arguments.end(), {object.file.native(), path});
    copy.on_sent = [&watch](Bytes sent) { watch.sent(sent); };
    const Temporary temporary(scratch_ / (name_ + ".tmp"));
    make_directories(temporary.path(), 0700, Errc::offsite);
    copy.reads = {object.file};
    copy.temporary = temporary.path();
    rclone_.run(copy, std::move(stop));
}

std::map<std::string, Bytes> RcloneRemote::require_size(const Object& object,
                                                        const std::string& leaf,
                                                        std::stop_token stop) {
    auto there = list(split_name(object.name).directory, std::move(stop));
    const auto uploaded = there.find(leaf);
    if (uploaded != there.end() && uploaded->second == object.size) return there;
    throw Error(Errc::offsite,
                fmt::format("'{}' was uploaded to the remote '{}', but {}", object.name, name_,
                            uploaded == there.end()
                                ? "is not there"
                                : fmt::format("has {} instead of {} bytes there",
                                              uploaded->second.count, object.size.count)),
                "does another program write to that remote, or does it have a quota? it is "
                "uploaded again at the next attempt");
}

void RcloneRemote::put(const Object& object, const UploadProgress& progress, std::stop_token stop) {
    if (is_there(object, stat(object, stop), name_)) return;
    const auto [directory, leaf] = split_name(object.name);
    const bool rename = abilities(stop).renames;
    const auto temporary = rename ? object.name + std::string(partial) : object.name;
    upload(object, path(temporary), progress, stop);

    const auto there = require_size(object, rename ? leaf + std::string(partial) : leaf, stop);
    if (!rename) return;
    if (there.contains(leaf))
        throw Error(Errc::offsite,
                    fmt::format("another host has uploaded '{}' to the remote '{}' in the meantime",
                                object.name, name_));
    call(fmt::format("rename '{}' at the remote '{}'", temporary, name_),
         {"moveto", path(temporary), path(object.name)}, std::move(stop));
}

void RcloneRemote::cat(std::string doing, const Part& part, std::optional<Bytes> bandwidth,
                       const TakeBlock& take, std::stop_token stop) {
    split_name(part.name);
    abilities(stop);
    RcloneCall cat;
    cat.doing = std::move(doing);
    cat.arguments = {"cat", fmt::format("--offset={}", part.offset.count),
                     fmt::format("--count={}", part.length.count)};
    if (bandwidth) cat.arguments.push_back(fmt::format("--bwlimit={}B", bandwidth->count));
    cat.arguments.push_back(path(part.name));
    cat.largest_file = largest_configuration;
    cat.silence = longest_stall;
    cat.on_output = take;
    rclone_.run(cat, std::move(stop));
}

Digest RcloneRemote::get(const Part& part, const std::filesystem::path& file,
                         std::stop_token stop) {
    IncomingFile incoming(part, file, name_);
    cat(
        fmt::format("fetch '{}' from the remote '{}'", part.name, name_), part, std::nullopt,
        [&incoming](auto block) { incoming.write(block); }, std::move(stop));
    return incoming.finish();
}

void RcloneRemote::read(const Part& part, const TakeBlock& take, std::stop_token stop) {
    PartCounter counter(part, name_);
    std::uint64_t came = 0;
    cat(
        fmt::format("read '{}' at the remote '{}'", part.name, name_), part, bandwidth_,
        [&](auto block) {
            counter.take(came += block.size());
            take(block);
        },
        std::move(stop));
    counter.finish(came);
}

std::string RcloneRemote::hash_of_bytes(std::stop_token stop) {
    const auto& can = abilities(std::move(stop));
    return can.hashes_bytes ? can.hash : std::string();
}

std::optional<Bytes> RcloneRemote::free_bytes(std::stop_token stop) {
    if (!abilities(stop).reports_room) return std::nullopt;
    const auto answer = rclone_.run({.doing = fmt::format("ask how full the remote '{}' is", name_),
                                     .arguments = {"about", "--json", target_},
                                     .timeout = 1min},
                                    std::move(stop));
    const auto about = json::parse(answer.output, nullptr, false);
    const auto free = about.is_object() ? about.value("free", json()) : json();
    if (!free.is_number_unsigned()) return std::nullopt;
    return Bytes{free.get<std::uint64_t>()};
}

// If the remote can rename, the damaged object is renamed before the new one gets its name.
void RcloneRemote::replace(const Object& object, const UploadProgress& progress,
                           std::stop_token stop) {
    const auto [directory, leaf] = split_name(object.name);
    if (!abilities(stop).renames) {
        upload(object, path(object.name), progress, stop);
        require_size(object, leaf, stop);
        return;
    }
    const auto whole = object.name + std::string(partial);
    const auto aside = fmt::format("{}/.{}.damaged", directory, leaf);
    upload(object, path(whole), progress, stop);
    require_size(object, leaf + std::string(partial), stop);
    if (list(directory, stop).contains(leaf))
        call(fmt::format("move '{}' aside at the remote '{}'", object.name, name_),
             {"moveto", path(object.name), path(aside)}, stop);
    call(fmt::format("rename '{}' at the remote '{}'", whole, name_),
         {"moveto", path(whole), path(object.name)}, stop);
    call(fmt::format("remove what was damaged at the remote '{}'", name_),
         {"deletefile", path(aside)}, stop, any_end);
}

// One process removes all objects. Each empty directory, if the remote has any, needs a process of
// its own.
std::string RcloneRemote::remove(const std::vector<std::string>& names, std::stop_token stop) {
    const auto going = objects_to_remove(*this, names, stop);
    if (going.empty()) return {};
    RcloneCall call;
    call.doing = fmt::format("remove objects from the remote '{}'", name_);
    call.arguments = {"delete", "--files-from-raw=-", target_};
    for (const auto& objects : going)
        for (const auto& name : objects.names()) call.input += name + "\n";
    try {
        rclone_.run(call, stop);
    } catch (const Error& e) {
        if (e.code() != Errc::offsite || !forbids_removal(e.text())) throw;
        return e.text();
    }
    for (const auto& objects : going)
        if (objects.empties)
            this->call(fmt::format("remove a directory from the remote '{}'", name_),
                       {"rmdir", path(objects.directory)}, stop, any_end);
    return {};
}

}  // namespace mastobak::offsite
