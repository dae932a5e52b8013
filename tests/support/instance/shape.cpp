// SPDX-License-Identifier: GPL-3.0-or-later
#include "shape.hpp"

#include <cmath>

#include "random.hpp"

namespace mastobak::instance {
namespace {

/// Returns a size. The median is 57 KB, the 99th percentile is 1.4 MB, and the mean is 91 KB. One
/// file in ten thousand is a video of tens of MB. The distribution is a narrow log-normal one for
/// pictures, with a tail of large ones. (A single log-normal distribution through both points would
/// have a mean of 147 KB, unlike real trees.)
std::uint64_t draw_size(Random& random, std::uint64_t median) {
    const double scale = static_cast<double>(median);
    const double place = random.uniform();
    if (place < 0.0001) return static_cast<std::uint64_t>(scale * (200 + 800 * random.uniform()));
    const double size = place < 0.0121 ? 33 * scale * std::exp(0.3 * random.normal())
                                       : scale * std::exp(0.5 * random.normal());
    return static_cast<std::uint64_t>(size) + 1;
}

struct Kind {
    const char* name;
    const char* directory;
    const char* extension;
    const char* content_type;
    const char* style;  ///< style of a second file; nullptr: only the original
    const char* style_extension;
    bool serial;  ///< small IDs instead of snowflakes
};

constexpr Kind image{"media", "media_attachments/files", ".jpg", "image/jpeg", "small", ".jpg",
                     false};
constexpr Kind gif{"media", "media_attachments/files", ".mp4", "video/mp4", "small", ".png", false};
constexpr Kind audio{"media", "media_attachments/files", ".mp3", "audio/mpeg", nullptr, "", false};
constexpr Kind avatar{"avatar", "accounts/avatars", ".png", "image/png", nullptr, "", false};
constexpr Kind moving_avatar{"avatar", "accounts/avatars", ".gif", "image/gif", "static", ".png",
                             false};
constexpr Kind header{"header", "accounts/headers", ".jpg", "image/jpeg", nullptr, "", false};
constexpr Kind emoji{"emoji", "custom_emojis/images", ".png", "image/png", "static", ".png", true};
constexpr Kind site_upload{"site_upload", "site_uploads/files", ".png", "image/png", nullptr, "",
                           true};

const Kind& draw_kind(Random& random, std::uint64_t number) {
    if (number < 2) return site_upload;
    const std::uint64_t percent = random.below(100);
    if (percent < 2) return emoji;
    if (percent < 3) return random.below(10) == 0 ? moving_avatar : avatar;
    if (percent < 4) return header;
    if (percent < 5) return audio;
    return percent < 10 ? gif : image;
}

}  // namespace

std::uint64_t snowflake(std::uint64_t number, std::uint64_t random) {
    constexpr std::uint64_t since = 1'546'300'800'000;
    constexpr std::uint64_t interval = 420'000;
    const std::uint64_t milliseconds = since + number * interval + (random >> 16) % interval;
    return (milliseconds << 16) | (random & 65535);
}

std::string id_partition(std::uint64_t id) {
    std::string digits = std::to_string(id);
    const std::size_t width = id < 1'000'000'000 ? 9 : 12;
    if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
    std::string path;
    for (std::size_t at = 0; at + 3 <= digits.size(); at += 3) {
        if (at > 0) path += '/';
        path.append(digits, at, 3);
    }
    return path;
}

Item make_item(const Shape& shape, std::uint64_t number) {
    Random random(shape.seed * 0x100000001b3U + number);
    const Kind& kind = draw_kind(random, number);
    Item item;
    item.kind = kind.name;
    item.id = kind.serial ? number + 1 : snowflake(number, random.next());
    item.local = &kind == &site_upload || random.uniform() >= shape.remote;
    const std::string stem = random.hex16();
    item.file_name = stem + kind.extension;
    item.content_type = kind.content_type;
    const std::string directory = (item.local ? "" : "cache/") + std::string(kind.directory) + '/' +
                                  id_partition(item.id) + '/';
    item.files.push_back(
        {directory + "original/" + item.file_name, draw_size(random, shape.median)});
    if (kind.style)
        item.files.push_back({directory + kind.style + '/' + stem + kind.style_extension,
                              draw_size(random, shape.median)});
    return item;
}

std::vector<Item> make_items(const Shape& shape) {
    std::vector<Item> items;
    std::uint64_t files = 0;
    for (std::uint64_t number = 0; files < shape.files; ++number) {
        items.push_back(make_item(shape, number));
        auto& of_item = items.back().files;
        if (of_item.size() > shape.files - files) of_item.resize(shape.files - files);
        files += of_item.size();
    }
    return items;
}

}  // namespace mastobak::instance
