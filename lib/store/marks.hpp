// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "core/files/unique_fd.hpp"
#include "store/staging.hpp"
#include "store/verify.hpp"

/// Marks that are recorded about sets after their publication. They are stored beside the sets,
/// because a set never changes, and in staging, because the state directory may be lost. FORMAT.md
/// specifies the format.
namespace mastobak::store {

/// Locks the marks, for a process that changes them, or that decides by them which sets are
/// removed. Waits for another holder, which keeps the lock only briefly. The kernel releases the
/// lock when the process ends. Throws Error{staging}.
UniqueFd lock_marks(const Staging& staging);

/// Returns the sets that an admin has pinned with `mastobak keep`.
std::set<std::string> pinned_sets(const Staging& staging);
/// Returns the sets that were pinned and released, so that a remote may still have the mark.
std::set<std::string> released_sets(const Staging& staging);

/// Pins a set without a time limit; has no effect if it is already pinned. The set need not be in
/// staging, because a remote may have it.
/// Throws Error{usage} for a text that is not a set name, Error{staging}.
void pin(const Staging& staging, const std::string& set);
/// Removes a pin, also of a set that only a remote has pinned. Throws as pin() does.
void release(const Staging& staging, const std::string& set);
/// Returns the mark file of a pinned set, which is copied off-site.
std::filesystem::path pin_file(const Staging& staging, const std::string& set);

/// Records the result of a verification. Retention does not count a damaged set until a later
/// verification finds it good. Throws Error{staging}.
void note_verified(const Staging& staging, const VerifyReport& report);
/// Returns the first problem that the last verification found, for each damaged set.
std::map<std::string, std::string> damaged_sets(const Staging& staging);

/// Removes the damage marks of sets that are not in staging any more. Pins stay.
void forget_damage_of_others(const Staging& staging);

}  // namespace mastobak::store
