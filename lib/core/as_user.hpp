// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace mastobak {

/// Runs work with the rights of another user, in a thread of its own, and waits for its end; the
/// children that it starts, and those threads, are that user's as well. For what refuses root:
/// PostgreSQL's server, and its peer authentication, which asks who connects.
///
/// Files that are open stay open; the rest of the process stays what it is. The thread cannot come
/// back from it. Without root, the work runs as the current user.
///
/// Throws Error{environment} when there is no such user; what the work throws.
/// Source: nptl(7) (glibc's setuid is for all threads, the system call for the one that calls).
void run_as_user(const std::string& user, const std::function<void()>& work);

/// The number of a user's primary group. Throws Error{environment}.
std::string group_of(const std::string& user);

/// Makes a file or directory that user's, where we are root and there is a name; else it is ours
/// already.
/// Throws Error{environment}.
void give_to_user(const std::filesystem::path& path, const std::string& user);

/// A user, as far as files are concerned.
struct FileRights {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups{};  ///< the supplementary ones
};
/// Those of the user with that number, with the groups that this host gives to that user.
/// \param group the primary one, where the number is not a user's here
FileRights rights_of(uid_t user, gid_t group);

/// As long as it lives, this thread of root's opens, makes, renames and removes files with the
/// rights of another user, and what it makes belongs to that user. All else stays root's: the user
/// can send no signal to the thread, nor look into it. Without root's rights nothing changes.
///
/// Nests; not to be kept across a co_await, nor while a child is started.
/// Source: setfsuid(2); capabilities(7), "Effect of user ID changes on capabilities".
class WithRightsOf {
 public:
    /// Throws Error{environment}.
    explicit WithRightsOf(const FileRights& rights);
    /// The rights of the owner of a directory; our own ones where it is missing.
    static WithRightsOf owner_of(const std::filesystem::path& directory);
    ~WithRightsOf();
    WithRightsOf(const WithRightsOf&) = delete;
    WithRightsOf& operator=(const WithRightsOf&) = delete;

 private:
    void restore() const noexcept;

    bool changed_ = false;
    FileRights before_;
};

/// The user whose rights on files this thread has.
uid_t user_of_files();
/// Whether this thread may do anything with any file: it is root, without another one's rights.
bool has_all_file_rights();

}  // namespace mastobak
