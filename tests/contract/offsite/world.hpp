// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "offsite/remote.hpp"
#include "support/temporary_directory.hpp"

/// An empty remote of one kind. A test can inspect its objects without calling the remote.
class World {
 public:
    virtual ~World() = default;
    std::string kind;  ///< for messages
    virtual mastobak::offsite::Remote& remote() = 0;
    /// Returns a remote that is slow enough to be interrupted during an upload of 4 MiB.
    virtual mastobak::offsite::Remote& slow_remote() { return remote(); }
    /// Returns the contents of the object with exactly this name. Throws when it does not exist.
    virtual std::string contents(const std::string& name) = 0;
    /// Returns whether the remote can distinguish objects of the same size.
    virtual bool has_hashes() const { return true; }

    virtual bool lets_remove() const { return true; }
    /// Makes the remote refuse all removals from now on.
    virtual void forbid_removal() = 0;
    /// Returns a path at which a test may make a file.
    std::filesystem::path new_file() const { return files_ / "fetched"; }

    /// Writes a file, and returns it as an object with this name.
    mastobak::offsite::Object object(const std::string& name, const std::string& text);

 private:
    mastobak::test::TemporaryDirectory files_;
    int count_ = 0;
};

/// Returns all kinds of remotes. The tests of this process share the servers.
const std::vector<std::string>& kinds();
std::unique_ptr<World> make_world(const std::string& kind);
