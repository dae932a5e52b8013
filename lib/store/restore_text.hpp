// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The parts of RESTORE.md. '@NAME@' is filled in by restore_instructions(). Blocks of commands are
/// tagged behind "```sh": a test extracts them by their tags, and runs them as they are.
namespace mastobak::store::restore_text {

extern const char* const beginning;
extern const char* const inconsistent;  ///< a warning, for sets that are not of one instant
extern const char* const check;
extern const char* const signature;  ///< behind check, of sets that are signed
extern const char* const configuration;
extern const char* const database;
extern const char* const mastodons_role;  ///< where it is not the owner of the database
extern const char* const database_end;
extern const char* const media;
extern const char* const media_elsewhere;  ///< instead of media
extern const char* const ending;
extern const char* const cache;  ///< what to run when cache/ was left out

}  // namespace mastobak::store::restore_text
