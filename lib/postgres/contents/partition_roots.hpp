// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "postgres/contents/contents.hpp"

/// Internal to postgres/ and backup/.
namespace mastobak::postgres {

/// The partitions whose rows a dump loads by a partitioned table, each with that table:
/// "public.leaf" → "public.root". pg_dump does so where the hash of a row may be another one on
/// another server, as that of an enum is. A row may come back in another partition then.
/// Source: PostgreSQL's documentation of pg_dump, --load-via-partition-root
using PartitionRoots = std::map<std::string, std::string>;

/// \param entries all entries of a dump
PartitionRoots partition_roots(const std::vector<TocEntry>& entries);

/// Adds the rows of such partitions together, under the name of their partitioned table.
RowCounts by_root(const RowCounts& counts, const PartitionRoots& roots);
/// Does so with the digests, too. Where the columns of partitions are in different orders, a row has
/// another text in another partition, so that the digests cannot be compared.
/// \param mixed receives the names of such partitioned tables; may be null
Contents by_root(Contents contents, const PartitionRoots& roots,
                 std::set<std::string>* mixed = nullptr);

}  // namespace mastobak::postgres
