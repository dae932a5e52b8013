// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace mastobak::test {

/// As much of an S3 service as rclone asks for when it lists, looks, fetches, removes, and uploads
/// in one part, with the bucket 'b'. Signatures are not looked at.
///
/// It stands in for a real one, which Debian has as Ceph only, in 110 packages: what is tested with
/// it is what rclone makes of an object store, and that is rclone's own doing.
class S3StandIn {
 public:
    S3StandIn();
    ~S3StandIn();

    std::string rclone_section(const std::string& name) const;
    std::map<std::string, std::string> objects() const;  ///< contents by key
    /// Bytes of all its answers so far, headers and lists included.
    std::uint64_t sent() const;
    /// As with object lock: from now on nothing can be removed.
    void forbid_removal();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::test
