// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The parts of RESTORE.md. restore_instructions() fills in '@NAME@'. Blocks of commands have a tag
/// after "```sh": a test extracts them by their tags, and runs them as they are.
namespace mastobak::store::restore_text {

extern const char* const beginning;
/// A warning, for sets whose database and media are not of one instant.
extern const char* const inconsistent;
extern const char* const check;
extern const char* const signature;  ///< follows `check` in sets that are signed
extern const char* const configuration;
extern const char* const database_beginning;
extern const char* const rebuild;  ///< for a dump that is stored as a difference
extern const char* const database;
extern const char* const mastodons_role;  ///< if it is not the owner of the database
extern const char* const database_end;
extern const char* const media;
extern const char* const media_elsewhere;  ///< instead of media
extern const char* const containers;  ///< precedes database_beginning if Mastodon ran in containers
extern const char* const ending;
extern const char* const ending_containers;  ///< instead of ending
extern const char* const feeds;              ///< follows either ending
extern const char* const cache;              ///< commands for sets without cache/

}  // namespace mastobak::store::restore_text
