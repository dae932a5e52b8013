// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/crypto/row_digest.hpp"
#include "core/crypto/sha256.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/snapshot.hpp"

namespace mastobak::postgres {

/// The rows of a table, as COPY writes them.
struct TableContents {
    std::int64_t rows = 0;
    RowDigest digest{};
    std::string columns{};  ///< "id, username, "order"", in the order of the rows' fields
};

/// An object of the schema: everything that a dump has an entry for, but rows and values of
/// sequences.
struct SchemaObject {
    std::string kind{};    ///< "TABLE", "INDEX", "FUNCTION", "COMMENT", "ACL", …
    std::string schema{};  ///< empty: none
    std::string name{};    ///< "accounts", "f(integer)"
    std::string owner{};   ///< role
    Digest definition{};   ///< of the SQL that makes it
    Digest normalised{};   ///< of the same, as another server of that version may write it
};

/// What a database has: of a dump, or of a database that was restored. It fits into memory: of rows
/// there is a digest for each table.
struct Contents {
    RowKey key{};                                    ///< of all digests of rows
    std::string encoding{};                          ///< that the dump is in
    std::map<std::string, TableContents> tables{};   ///< "public.accounts"
    std::map<std::string, std::string> sequences{};  ///< "public.x_seq": "42, true", of setval()
    TableContents large_objects{};                   ///< each as a row: its number, and its bytes
    std::vector<SchemaObject> objects{};             ///< in any order

    RowCounts row_counts() const;
};

/// The encoding, the values of sequences and the objects of a table of contents; not the rows.
Contents contents_of(const std::vector<TocEntry>& entries);

/// "index 'public.index_x'": for messages.
std::string name_of(const SchemaObject& object);

/// What differs between contents, in words, and what could not be compared.
struct ContentDifferences {
    std::vector<std::string> rows{};
    std::vector<std::string> sequences{};
    std::vector<std::string> objects{};
    std::vector<std::string> not_compared{};
};

/// Compares all but rows: a dump with what was recorded when it was made. Definitions and owners
/// have to be the same to the letter.
void compare_dump(const Contents& recorded, const Contents& dump, ContentDifferences& result);

/// Compares rows and values of sequences.
/// \param now    of the same key
/// \param absent tables and sequences that need not be there: "public.x"
void compare_rows(const Contents& recorded, const Contents& now,
                  const std::set<std::string>& absent, ContentDifferences& result);

/// How definitions in a restored database are compared with those of the dump.
enum class Definitions {
    normalised,  ///< pg_dump and server are those of the dump: a difference is an error
    noted,       ///< of another minor version: a difference is noted
    names        ///< of another major version, which may write all of them otherwise: names count
};

/// Compares the objects of a restored database with those that were to be made. Owners, which
/// depend on roles, are not looked at.
void compare_objects(const std::vector<SchemaObject>& wanted, const std::vector<SchemaObject>& now,
                     Definitions definitions, ContentDifferences& result);

}  // namespace mastobak::postgres
