// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/unique_fd.hpp"
#include "store/staging.hpp"
#include "store/verify.hpp"

/// What is noted about sets after their publication: beside them, because a set never changes, and
/// in staging, because the state directory may be lost. FORMAT.md has the format.
namespace mastobak::store {

/// Held by who decides by the marks what is removed, and by who changes them; waits for the other,
/// who is soon done. Dies with the process. Throws Error{staging}.
UniqueFd lock_marks(const Staging& staging);

/// Sets that an admin has pinned with `mastobak keep`.
std::set<std::string> pinned_sets(const Staging& staging);
/// Sets that were pinned once, so that a remote may still have the mark.
std::set<std::string> released_sets(const Staging& staging);

/// Pins a set for ever; no effect if it is pinned. It need not be in staging: a remote may have it.
/// Throws Error{usage} for what is not a set name, Error{staging}.
void pin(const Staging& staging, const std::string& set);
/// Takes that back; also where only a remote has its mark. Throws as pin().
void release(const Staging& staging, const std::string& set);
/// The mark of a pinned set; a copy of it goes off-site.
std::filesystem::path pin_file(const Staging& staging, const std::string& set);

/// Notes what a verification found: such a set counts for nothing in retention, until a later
/// verification finds it good. Throws Error{staging}.
void note_verified(const Staging& staging, const VerifyReport& report);
/// What was found the last time, for each damaged set: the first problem.
std::map<std::string, std::string> damaged_sets(const Staging& staging);

/// Forgets what is noted of sets that are not in staging any more; their pins stay.
void forget_damage_of_others(const Staging& staging);

}  // namespace mastobak::store
