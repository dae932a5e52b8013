// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "offsite/remote.hpp"

namespace mastobak::test {

/// A remote in memory, which fails and dawdles when it is told to, and notes what it was asked.
/// Any thread may use it.
class FakeRemote final : public offsite::Remote {
 public:
    explicit FakeRemote(std::string name = "fake") : name_(std::move(name)) {}

    const std::string& name() const override { return name_; }
    void check(std::stop_token stop) override;
    std::map<std::string, Bytes> list(const std::string& directory, std::stop_token stop) override;
    std::set<std::string> directories(const std::string& directory, std::stop_token stop) override;
    std::optional<offsite::RemoteObject> stat(const offsite::Object& object,
                                              std::stop_token stop) override;
    void put(const offsite::Object& object, const offsite::UploadProgress& progress,
             std::stop_token stop) override;
    Digest get(const offsite::Part& part, const std::filesystem::path& file,
               std::stop_token stop) override;
    void read(const offsite::Part& part, const offsite::TakeBlock& take,
              std::stop_token stop) override;
    std::string hash_of_bytes(std::stop_token stop) override;
    void replace(const offsite::Object& object, const offsite::UploadProgress& progress,
                 std::stop_token stop) override;
    std::string remove(const std::vector<std::string>& names, std::stop_token stop) override;

    /// The next calls throw Error{offsite} with that text, `after` so many that do not.
    void fail(int times, std::string text = "connection refused", int after = 0);
    /// Uploads stop half way until release(), or until they are cancelled.
    void hold();
    void release();

    std::map<std::string, std::string> objects() const;  ///< contents by name
    std::vector<std::string> calls() const;              ///< "put media/x.tar", in their order
    /// Names of what has been uploaded, in that order.
    std::vector<std::string> uploaded() const;
    /// Whether an upload is waiting for release().
    bool holding() const;
    void lose(const std::string& object);
    /// Puts something there, past put().
    void set(const std::string& object, std::string text);
    /// That object is there, and cannot be read.
    void fail_read(const std::string& object, std::string text);
    /// Objects are compared by this hash, computed there; empty: they are read.
    void compare_by(std::string hash);
    /// Removals are refused from now on, with these words; empty: they are not.
    void forbid_removal(std::string words);

 private:
    void called(std::string call);
    /// Throws Error{cancelled}.
    void wait_while_held(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);

    const std::string name_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::map<std::string, std::string> objects_;
    std::vector<std::string> calls_;
    std::vector<std::string> uploaded_;
    int failures_ = 0;
    int successes_ = 0;  ///< before them
    std::string text_;
    std::string refusal_;
    std::string hash_;
    std::map<std::string, std::string> unreadable_;
    bool held_ = false;
    bool holding_ = false;
};

}  // namespace mastobak::test
