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

/// The number and the digest of a table's rows, in the text that COPY writes.
struct TableContents {
    std::int64_t rows = 0;
    RowDigest digest{};
    std::string columns{};  ///< "id, username, "order"", in the order of the rows' fields
};

/// An object of the schema: any entry of a dump except rows and values of sequences.
struct SchemaObject {
    std::string kind{};    ///< "TABLE", "INDEX", "FUNCTION", "COMMENT", "ACL", …
    std::string schema{};  ///< empty: none
    std::string name{};    ///< "accounts", "f(integer)"
    std::string owner{};   ///< role
    Digest definition{};   ///< digest of the SQL that makes it
    Digest normalised{};  ///< digest of the SQL after normalised(), equal on servers of one version
};

/// The contents of a dump or of a restored database. They fit into memory, as there is only one
/// digest for all rows of a table.
struct Contents {
    RowKey key{};                                    ///< key of the digests of rows
    std::string encoding{};                          ///< encoding of the dump
    std::map<std::string, TableContents> tables{};   ///< the key is "public.accounts"
    std::map<std::string, std::string> sequences{};  ///< "public.x_seq": "42, true", of setval()
    TableContents large_objects{};                   ///< one row each: its number and its bytes
    std::vector<SchemaObject> objects{};             ///< in any order

    RowCounts row_counts() const;
};

/// Returns the encoding, the values of sequences and the objects of a table of contents, without
/// the rows.
Contents contents_of(const std::vector<TocEntry>& entries);

/// Returns "index 'public.index_x'", for messages.
std::string name_of(const SchemaObject& object);

/// Descriptions of the differences between two contents, and of the parts that could not be
/// compared.
struct ContentDifferences {
    std::vector<std::string> rows{};
    std::vector<std::string> sequences{};
    std::vector<std::string> objects{};
    std::vector<std::string> not_compared{};
};

/// Compares a dump with the contents that were recorded when it was made, except the rows. The
/// definitions and owners have to be identical.
void compare_dump(const Contents& recorded, const Contents& dump, ContentDifferences& result);

/// Compares rows and values of sequences.
/// \param now    contents whose digests have the same key
/// \param absent tables and sequences that may be missing: "public.x"
void compare_rows(const Contents& recorded, const Contents& now,
                  const std::set<std::string>& absent, ContentDifferences& result);

/// How definitions in a restored database are compared with those of the dump.
enum class Definitions {
    normalised,  ///< same versions of pg_dump and server: a difference is an error
    noted,       ///< another minor version: a difference is noted, but not an error
    names        ///< another major version, which may write any definition in another way: only
                 ///< the names are compared
};

/// Compares the objects of a restored database with those that the restore had to create. Owners
/// are not compared, as they depend on the roles of the server.
void compare_objects(const std::vector<SchemaObject>& wanted, const std::vector<SchemaObject>& now,
                     Definitions definitions, ContentDifferences& result);

}  // namespace mastobak::postgres
