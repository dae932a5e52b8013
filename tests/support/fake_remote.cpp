// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/fake_remote.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "offsite/object_name.hpp"
#include "offsite/remotes/incoming_file.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

using offsite::Object;
using offsite::RemoteObject;

void FakeRemote::called(std::string call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
    if (failures_ == 0 || successes_-- > 0) return;
    --failures_;
    throw Error(Errc::offsite, text_);
}

void FakeRemote::check(std::stop_token) {
    called("check");
}

std::map<std::string, Bytes> FakeRemote::list(const std::string& directory, std::stop_token) {
    called("list " + directory);
    const std::lock_guard lock(mutex_);
    std::map<std::string, Bytes> found;
    for (const auto& [name, text] : objects_) {
        // Another program may have given an object any name.
        const std::filesystem::path path(name);
        if (path.parent_path() == directory) found[path.filename()] = {text.size()};
    }
    return found;
}

std::set<std::string> FakeRemote::directories(const std::string& directory, std::stop_token) {
    called("directories " + directory);
    const std::lock_guard lock(mutex_);
    const auto prefix = directory.empty() ? "" : directory + "/";
    std::set<std::string> found;
    for (const auto& [name, text] : objects_)
        if (const auto slash = name.find('/', prefix.size());
            name.starts_with(prefix) && slash != std::string::npos)
            found.insert(name.substr(prefix.size(), slash - prefix.size()));
    return found;
}

std::optional<RemoteObject> FakeRemote::stat(const Object& object, std::stop_token) {
    offsite::split_name(object.name);
    called("stat " + object.name);
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(object.name);
    if (found == objects_.end()) return std::nullopt;
    Sha256 hash;
    hash.update(std::as_bytes(std::span(found->second)));
    const bool equal = hash.finish() == object.sha256;
    return RemoteObject{{found->second.size()},
                        equal ? RemoteObject::Hash::equal : RemoteObject::Hash::different};
}

void FakeRemote::wait_while_held(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
    if (held_) {
        holding_ = true;
        changed_.wait(lock, stop, [this] { return !held_; });
        holding_ = false;
    }
    if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
}

void FakeRemote::put(const Object& object, const offsite::UploadProgress& progress,
                     std::stop_token stop) {
    called("put " + object.name);
    if (is_there(object, stat(object, stop), name_)) return;
    auto text = test::read(object.file);
    if (progress) progress({text.size() / 2});
    std::unique_lock lock(mutex_);
    wait_while_held(lock, stop);
    if (progress) progress({text.size()});
    objects_[object.name] = std::move(text);
    uploaded_.push_back(object.name);
}

Digest FakeRemote::get(const offsite::Part& part, const std::filesystem::path& file,
                       std::stop_token stop) {
    offsite::split_name(part.name);
    called("get " + part.name);
    if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
    offsite::IncomingFile incoming(part, file, name_);
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(part.name);
    if (found == objects_.end()) throw Error(Errc::offsite, part.name + " is not there");
    const auto begin = std::min<std::size_t>(part.offset.count, found->second.size());
    const auto size = std::min<std::size_t>(part.length.count, found->second.size() - begin);
    incoming.write(std::as_bytes(std::span(found->second)).subspan(begin, size));
    return incoming.finish();
}

void FakeRemote::read(const offsite::Part& part, const offsite::TakeBlock& take,
                      std::stop_token stop) {
    offsite::split_name(part.name);
    called("read " + part.name);
    std::unique_lock lock(mutex_);
    wait_while_held(lock, stop);
    const auto found = objects_.find(part.name);
    const auto end = part.offset.count + part.length.count;
    if (found == objects_.end() || found->second.size() < end)
        throw Error(Errc::offsite, part.name + " is not there");
    const auto text = found->second;
    const auto why = unreadable_.contains(part.name) ? unreadable_[part.name] : Unreadable{};
    const auto send = senders_.contains(part.name) ? senders_[part.name] : Send{};
    lock.unlock();
    if (send) return send(part, take);
    const auto block = std::as_bytes(std::span(text)).first(end).subspan(part.offset.count);
    if (why.text.empty()) return take(block);
    if (why.after > part.offset.count)
        take(block.first(std::min(block.size(), why.after - part.offset.count)));
    if (why.after < end) throw Error(Errc::offsite, why.text);
}

std::string FakeRemote::hash_of_bytes(std::stop_token) {
    const std::lock_guard lock(mutex_);
    return hash_;
}

std::optional<Bytes> FakeRemote::free_bytes(std::stop_token) {
    const std::lock_guard lock(mutex_);
    return free_;
}

void FakeRemote::replace(const Object& object, const offsite::UploadProgress&, std::stop_token) {
    called("replace " + object.name);
    auto text = test::read(object.file);
    const std::lock_guard lock(mutex_);
    if (!refusal_.empty()) throw Error(Errc::offsite, refusal_);
    objects_[object.name] = std::move(text);
}

std::string FakeRemote::remove(const std::vector<std::string>& names, std::stop_token stop) {
    for (const auto& name : names) {
        offsite::split_name(name);
        called("remove " + name);
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const std::lock_guard lock(mutex_);
        if (objects_.contains(name) && !refusal_.empty()) return refusal_;
        objects_.erase(name);
    }
    return {};
}

void FakeRemote::fail(int times, std::string text, int after) {
    const std::lock_guard lock(mutex_);
    failures_ = times;
    successes_ = after;
    text_ = std::move(text);
}

void FakeRemote::hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
}

void FakeRemote::release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
}

bool FakeRemote::holding() const {
    const std::lock_guard lock(mutex_);
    return holding_;
}

std::map<std::string, std::string> FakeRemote::objects() const {
    const std::lock_guard lock(mutex_);
    return objects_;
}

std::vector<std::string> FakeRemote::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

std::vector<std::string> FakeRemote::uploaded() const {
    const std::lock_guard lock(mutex_);
    return uploaded_;
}

void FakeRemote::lose(const std::string& object) {
    const std::lock_guard lock(mutex_);
    objects_.erase(object);
}

void FakeRemote::set(const std::string& object, std::string text) {
    const std::lock_guard lock(mutex_);
    objects_[object] = std::move(text);
}

void FakeRemote::fail_read(const std::string& object, std::string text, std::size_t after) {
    const std::lock_guard lock(mutex_);
    unreadable_[object] = {std::move(text), after};
}

void FakeRemote::read_by(const std::string& object, Send send) {
    const std::lock_guard lock(mutex_);
    senders_[object] = std::move(send);
}

void FakeRemote::compare_by(std::string hash) {
    const std::lock_guard lock(mutex_);
    hash_ = std::move(hash);
}

void FakeRemote::set_free(std::optional<Bytes> free) {
    const std::lock_guard lock(mutex_);
    free_ = free;
}

void FakeRemote::forbid_removal(std::string words) {
    const std::lock_guard lock(mutex_);
    refusal_ = std::move(words);
}

}  // namespace mastobak::test
