// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "offsite/remote.hpp"

namespace mastobak::test {

/// A remote that forwards to a remote of the test. The program owns only this object.
class LentRemote final : public offsite::Remote {
 public:
    explicit LentRemote(offsite::Remote& remote) : remote_(remote) {}
    const std::string& name() const override { return remote_.name(); }
    void check(std::stop_token stop) override { remote_.check(stop); }
    std::map<std::string, Bytes> list(const std::string& d, std::stop_token stop) override {
        return remote_.list(d, stop);
    }
    std::set<std::string> directories(const std::string& d, std::stop_token stop) override {
        return remote_.directories(d, stop);
    }
    std::optional<offsite::RemoteObject> stat(const offsite::Object& o,
                                              std::stop_token stop) override {
        return remote_.stat(o, stop);
    }
    void put(const offsite::Object& o, const offsite::UploadProgress& p,
             std::stop_token stop) override {
        remote_.put(o, p, stop);
    }
    Digest get(const offsite::Part& p, const std::filesystem::path& f,
               std::stop_token stop) override {
        return remote_.get(p, f, stop);
    }
    void read(const offsite::Part& p, const offsite::TakeBlock& take,
              std::stop_token stop) override {
        remote_.read(p, take, stop);
    }
    std::string hash_of_bytes(std::stop_token stop) override { return remote_.hash_of_bytes(stop); }
    std::optional<Bytes> free_bytes(std::stop_token stop) override {
        return remote_.free_bytes(stop);
    }
    void replace(const offsite::Object& o, const offsite::UploadProgress& p,
                 std::stop_token stop) override {
        remote_.replace(o, p, stop);
    }
    std::string remove(const std::vector<std::string>& n, std::stop_token stop) override {
        return remote_.remove(n, stop);
    }

 private:
    offsite::Remote& remote_;
};

}  // namespace mastobak::test
