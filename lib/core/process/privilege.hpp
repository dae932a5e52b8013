// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace mastobak {

/// During its lifetime, the current thread may read files of all users (CAP_DAC_READ_SEARCH is
/// effective). Threads started meanwhile keep the capability until they end. Use it only for media
/// and configuration files. Elsewhere the capability is permitted but not effective, so that a path
/// in the daemon's own directories, which another user may have chosen, leads only to files that
/// the daemon's user may read.
///
/// Has no effect in a process without the permitted capability. Never throws.
/// Source: capabilities(7), "Thread capability sets"
class ReadAnything {
 public:
    ReadAnything() noexcept;
    ~ReadAnything();
    ReadAnything(const ReadAnything&) = delete;
    ReadAnything& operator=(const ReadAnything&) = delete;

 private:
    bool raised_ = false;  ///< this object raised it; false in a nested object
};

/// Drops all effective and inheritable capabilities of this process, and all permitted ones except
/// CAP_DAC_READ_SEARCH. Has to be called before any other thread is started. Does nothing for root.
void lower_capabilities() noexcept;

/// Runs work as another user in a new thread, and waits for its end. Threads and children that the
/// work starts run as that user, too. Needed for programs that refuse root, such as PostgreSQL's
/// server, and for its peer authentication, which checks the user of the client.
///
/// Open files stay open, and the other threads of the process keep their user. The new thread
/// cannot return to the old user. A process without root's rights runs the work as its own user, and
/// an empty name means the process's own user, too.
///
/// Throws Error{environment} when the user does not exist, and the exceptions of the work.
/// Source: nptl(7) (glibc's setuid is for all threads, the system call for the one that calls).
void run_as_user(const std::string& user, const std::function<void()>& work);

/// Runs work in a new thread that uses the processor and the disk only when no other process needs
/// them, and waits for its end.
///
/// Threads and children that the work starts have the same priority. The new thread exists because
/// raising the priority again may need a privilege; a thread that ends need not raise it.
///
/// When the kernel refuses this priority, the work runs with the normal one.
/// Throws the exceptions of the work.
/// Source: sched(7), SCHED_IDLE and RLIMIT_NICE; ioprio_set(2), IOPRIO_CLASS_IDLE and "if an I/O
/// scheduler is in use that supports it" (bfq and, since Linux 5.14, mq-deadline).
void run_at_idle_priority(const std::function<void()>& work);

/// Returns the number of a user's primary group, as text. Throws Error{environment}.
std::string group_of(const std::string& user);

/// Changes the owner of a file or directory to a user. Does nothing when the process is not root or
/// the name is empty: the process's own user is the owner then.
/// Throws Error{environment}.
void give_to_user(const std::filesystem::path& path, const std::string& user);

/// The user and groups with which the kernel checks access to files.
struct FileRights {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups{};  ///< supplementary groups
};
/// Returns the rights of a user, with the groups that this host's user database lists.
/// \param group the primary group to use when the user database does not have the user
FileRights rights_of(uid_t user, gid_t group);

/// During its lifetime, the current thread (of root) opens, creates, renames and removes files with
/// the rights of another user, who becomes the owner of new files. All other rights stay root's, so
/// that user cannot signal or trace the thread. It has no effect in a process without root's
/// rights.
///
/// Objects may be nested. They must not live across a co_await, nor while a child is started.
/// Source: setfsuid(2); capabilities(7), "Effect of user ID changes on capabilities".
class WithRightsOf {
 public:
    /// Throws Error{environment}.
    explicit WithRightsOf(const FileRights& rights);
    /// Uses the rights of the owner of a directory; changes nothing when the directory is missing.
    static WithRightsOf owner_of(const std::filesystem::path& directory);
    ~WithRightsOf();
    WithRightsOf(const WithRightsOf&) = delete;
    WithRightsOf& operator=(const WithRightsOf&) = delete;

 private:
    void restore() const noexcept;

    bool changed_ = false;
    FileRights before_;
};

/// Returns the user with whose rights this thread accesses files.
uid_t user_of_files();
/// Returns whether this thread accesses files as root, that is, outside of any WithRightsOf.
bool has_all_file_rights();

}  // namespace mastobak
