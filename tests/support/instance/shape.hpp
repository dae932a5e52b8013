// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mastobak::instance {

/// What kind of tree is wanted.
struct Shape {
    std::uint64_t files = 60'000;
    std::uint64_t median = 57'000;  ///< bytes; the 99th percentile is 25 times that
    double remote = 0;              ///< share of attachments that are other servers', under cache/
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

/// The item of that number: the same for the same shape, whatever was asked for before, so that
/// threads can share the work. Most items have two files.
Item make_item(const Shape& shape, std::uint64_t number);

/// The items whose files together are as many as wanted; the last one may lack a style.
std::vector<Item> make_items(const Shape& shape);

/// An id as Mastodon's timestamp_id() makes them: milliseconds, then 16 bits. One every seven
/// minutes since 2019, so that neighbours share two of six directories: three directories a file.
std::uint64_t snowflake(std::uint64_t number, std::uint64_t random);

/// How Paperclip cuts an id into directories: threes of "%09d", of "%012d" from 10^9 on; what is
/// left over is dropped.
std::string id_partition(std::uint64_t id);

}  // namespace mastobak::instance
