// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace mastobak::test {

/// An S3 server with the bucket 'b'. It implements the requests of rclone that list, stat, fetch
/// and remove objects, and upload them in one part. It does not check signatures.
///
/// It replaces a real server, because the only one in Debian is Ceph, with 110 packages. The tests
/// need only rclone's behaviour with an object store.
class S3StandIn {
 public:
    S3StandIn();
    ~S3StandIn();

    std::string rclone_section(const std::string& name) const;
    std::map<std::string, std::string> objects() const;  ///< contents by key
    /// Returns the number of bytes of all answers so far, including headers and lists.
    std::uint64_t sent() const;
    /// Refuses all removals from now on, like object lock.
    void forbid_removal();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::test
