// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "offsite/remote.hpp"

namespace mastobak::test {

/// A remote in memory. A test can make it fail or wait, and can read which calls were made.
/// Thread-safe.
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
    std::optional<Bytes> free_bytes(std::stop_token stop) override;
    void replace(const offsite::Object& object, const offsite::UploadProgress& progress,
                 std::stop_token stop) override;
    std::string remove(const std::vector<std::string>& names, std::stop_token stop) override;

    /// After `after` successful calls, makes the next `times` calls throw Error{offsite} with that
    /// text.
    void fail(int times, std::string text = "connection refused", int after = 0);
    /// Makes uploads wait halfway until release(), or until they are cancelled.
    void hold();
    void release();

    std::map<std::string, std::string> objects() const;  ///< contents by name
    std::vector<std::string> calls() const;              ///< "put media/x.tar", in call order
    /// Returns the names of the uploaded objects, in the order of upload.
    std::vector<std::string> uploaded() const;
    /// Returns whether an upload is waiting for release().
    bool holding() const;
    /// Removes an object without remove().
    void lose(const std::string& object);
    /// Stores an object without put().
    void set(const std::string& object, std::string text);
    /// Makes reading of an existing object fail with that text; empty: it succeeds again.
    /// \param after number of the object's bytes that can be read
    void fail_read(const std::string& object, std::string text, std::size_t after = 0);
    /// Makes read() of an existing object call `send` instead of sending the object's bytes.
    using Send = std::function<void(const offsite::Part& part, const offsite::TakeBlock& take)>;
    void read_by(const std::string& object, Send send);
    /// Sets the hash that the remote computes to compare objects; empty: it has none, so objects
    /// are read.
    void compare_by(std::string hash);
    /// Sets the free space that the remote reports; nullopt: it reports none.
    void set_free(std::optional<Bytes> free);
    /// Makes the remote refuse removals with this message; empty: it allows them.
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
    int successes_ = 0;  ///< number of successful calls before the failures
    std::string text_;
    std::string refusal_;
    std::string hash_;
    std::optional<Bytes> free_;
    struct Unreadable {
        std::string text;
        std::size_t after = 0;
    };
    std::map<std::string, Unreadable> unreadable_;
    std::map<std::string, Send> senders_;
    bool held_ = false;
    bool holding_ = false;
};

}  // namespace mastobak::test
