// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "offsite/remote.hpp"
#include "support/temporary_directory.hpp"

/// A remote of one kind, empty, and a look at what it holds that does not go through it.
class World {
 public:
    virtual ~World() = default;
    std::string kind;  ///< for messages
    virtual mastobak::offsite::Remote& remote() = 0;
    /// One that is slow enough to be interrupted in the middle of 4 MiB.
    virtual mastobak::offsite::Remote& slow_remote() { return remote(); }
    /// What is stored under exactly that name; throws when there is nothing.
    virtual std::string contents(const std::string& name) = 0;
    /// Whether it tells objects of the same size apart.
    virtual bool has_hashes() const { return true; }

    virtual bool lets_remove() const { return true; }
    /// From now on nothing can be removed there.
    virtual void forbid_removal() = 0;
    /// A path where a file of ours can be made.
    std::filesystem::path new_file() const { return files_ / "fetched"; }

    /// A file of ours, as an object of that name.
    mastobak::offsite::Object object(const std::string& name, const std::string& text);

 private:
    mastobak::test::TemporaryDirectory files_;
    int count_ = 0;
};

/// The kinds of remotes that there are. Servers are shared by the tests of this process.
const std::vector<std::string>& kinds();
std::unique_ptr<World> make_world(const std::string& kind);
