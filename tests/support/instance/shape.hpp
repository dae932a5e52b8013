// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mastobak::instance {

/// The parameters of a media tree.
struct Shape {
    std::uint64_t files = 60'000;
    std::uint64_t median = 57'000;  ///< bytes; the 99th percentile is 25 times the median
    double remote = 0;              ///< share of attachments from other servers, under cache/
    std::uint64_t seed = 1;
};

/// One file, relative to the media root.
struct File {
    std::string path;
    std::uint64_t size = 0;
};

/// One attachment: a row's file column and the files that belong to it, the original first.
struct Item {
    std::string kind;  ///< "media", "thumbnail", "avatar", "header", "emoji", "site_upload"
    std::uint64_t id = 0;
    bool local = true;
    std::string file_name;
    std::string content_type;
    std::vector<File> files;
};

/// Returns the item of that number. It depends only on the shape and the number, so that threads
/// can share the work. Most items have two files.
Item make_item(const Shape& shape, std::uint64_t number);

/// Returns items with `shape.files` files in total; the last item may lack a style.
std::vector<Item> make_items(const Shape& shape);

/// Returns an ID in the format of Mastodon's timestamp_id(): milliseconds, then 16 bits. There is
/// one every seven minutes since 2019, so that neighbours share two of six directories.
std::uint64_t snowflake(std::uint64_t number, std::uint64_t random);

/// Splits an ID into directories as Paperclip does: groups of three digits of "%09d", or of "%012d"
/// from 10^9 on; remaining digits are dropped.
std::string id_partition(std::uint64_t id);

}  // namespace mastobak::instance
