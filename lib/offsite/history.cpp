// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/history.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/json.hpp"

namespace mastobak::offsite {
namespace {

using json = Json;

RemoteHistory read_remote(const json& object) {
    RemoteHistory remote;
    if (object.contains("newest_set")) {
        remote.newest_set = object["newest_set"].get<std::string>();
        remote.completed_at = parse_iso8601(object.at("completed_at").get<std::string>());
    }
    if (const auto free = object.find("free_bytes");
        free != object.end() && free->is_number_unsigned())
        remote.free = Bytes{free->get<std::uint64_t>()};
    for (const auto& [name, hex] : object.at("packs").items())
        if (const auto digest = parse_digest(hex.get<std::string>())) remote.packs[name] = *digest;
    return remote;
}

json to_json(const RemoteHistory& remote) {
    json object{{"packs", json::object()}};
    for (const auto& [name, digest] : remote.packs) object["packs"][name] = to_hex(digest);
    if (remote.newest_set && remote.completed_at) {
        object["newest_set"] = *remote.newest_set;
        object["completed_at"] = to_iso8601(*remote.completed_at);
    }
    if (remote.free) object["free_bytes"] = remote.free->count;
    return object;
}

}  // namespace

History::History(std::filesystem::path file) : file_(std::move(file)) {
    std::error_code error;
    if (!std::filesystem::exists(file_, error)) return;
    try {
        std::map<std::string, RemoteHistory> remotes;
        const auto contents = json::parse(read_beneath(file_.parent_path(), file_.filename()));
        for (const auto& [name, object] : contents.at("remotes").items())
            remotes[name] = read_remote(object);
        remotes_ = std::move(remotes);
    } catch (const std::exception& e) {
        problem_ = fmt::format("'{}' cannot be read: {}", file_.native(), describe(e));
    }
}

void History::save() const {
    json remotes = json::object();
    for (const auto& [name, remote] : remotes_) remotes[name] = to_json(remote);
    make_directories(file_.parent_path());
    write_file(file_, json{{"remotes", remotes}}.dump(1) + "\n");
}

}  // namespace mastobak::offsite
