// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace mastobak {

/// Runs work with the rights of another user, in a thread of its own, and waits for its end; the
/// children that it starts, and those threads, are that user's as well. For what refuses root:
/// PostgreSQL's server, and its peer authentication, which asks who connects.
///
/// Files that are open stay open; the rest of the process stays what it is. The thread cannot come
/// back from it. Who is no root can only be who he is already: the work is run just so.
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

}  // namespace mastobak
