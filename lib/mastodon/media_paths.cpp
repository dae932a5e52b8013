// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/media_paths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace mastobak::mastodon {
namespace {

using enum Owner;

constexpr std::array all{
    Attachment{"accounts", "avatar", "accounts/avatars", domain, Styles::static_of_gif, true},
    Attachment{"accounts", "header", "accounts/headers", domain, Styles::static_of_gif, true},
    Attachment{"backups", "dump", "backups/dumps", ours, Styles::none, false},
    Attachment{"custom_emojis", "image", "custom_emojis/images", domain, Styles::static_always,
               true},
    Attachment{"media_attachments", "file", "media_attachments/files", remote_url, Styles::small,
               true},
    Attachment{"media_attachments", "thumbnail", "media_attachments/thumbnails", remote_url,
               Styles::none, true},
    Attachment{"preview_card_providers", "icon", "preview_card_providers/icons", others,
               Styles::static_always, false},
    Attachment{"preview_cards", "image", "preview_cards/images", others, Styles::none, true},
    Attachment{"site_uploads", "file", "site_uploads/files", ours, Styles::site_upload, false},
};

/// A further style: its directory, and the extension of its files if it differs from the
/// original's.
struct Style {
    std::string_view name;
    std::string_view extension;
};

constexpr std::array<Style, 0> no_styles{};
constexpr std::array static_png{Style{"static", "png"}};
constexpr std::array small_png{Style{"small", "png"}};
constexpr std::array small_same{Style{"small", ""}};
constexpr std::array thumbnails{Style{"@1x", "png"}, Style{"@2x", "png"}};
constexpr std::array favicons{Style{"16", "png"}, Style{"32", "png"}, Style{"48", "png"}};
constexpr std::array app_icons{Style{"36", "png"},  Style{"48", "png"},  Style{"57", "png"},
                               Style{"60", "png"},  Style{"72", "png"},  Style{"76", "png"},
                               Style{"96", "png"},  Style{"114", "png"}, Style{"120", "png"},
                               Style{"144", "png"}, Style{"152", "png"}, Style{"167", "png"},
                               Style{"180", "png"}, Style{"192", "png"}, Style{"256", "png"},
                               Style{"384", "png"}, Style{"512", "png"}, Style{"1024", "png"}};

std::span<const Style> styles_of_media(std::string_view content_type) {
    // A GIF becomes a video, and the small style of a video is a still image.
    if (content_type == "image/gif" || content_type.starts_with("video/")) return small_png;
    if (content_type.starts_with("image/")) return small_same;
    return no_styles;
}

std::span<const Style> styles_of_site_upload(std::string_view var) {
    if (var == "thumbnail") return thumbnails;
    if (var == "favicon") return favicons;
    if (var == "app_icon") return app_icons;
    return no_styles;
}

std::span<const Style> styles_of(const Attachment& attachment, const NamedOriginal& original) {
    switch (attachment.styles) {
        case Styles::none:
            return no_styles;
        case Styles::static_of_gif:
            if (original.content_type != "image/gif") return no_styles;
            return static_png;
        case Styles::static_always:
            return static_png;
        case Styles::small:
            return styles_of_media(original.content_type);
        case Styles::site_upload:
            return styles_of_site_upload(original.var);
    }
    return no_styles;
}

/// Splits a name as Ruby's File.basename(name, ".*") and File.extname do: leading dots do not begin
/// an extension.
std::pair<std::string_view, std::string_view> split_extension(std::string_view name) {
    const auto begin = name.find_first_not_of('.');
    const auto dot = name.rfind('.');
    if (begin == std::string_view::npos || dot == std::string_view::npos || dot < begin)
        return {name, {}};
    return {name.substr(0, dot), name.substr(dot + 1)};
}

std::string name_in_style(const Style& style, std::string_view original) {
    const auto [base, extension] = split_extension(original);
    const auto wanted = style.extension.empty() ? extension : style.extension;
    return wanted.empty() ? std::string(base) : fmt::format("{}.{}", base, wanted);
}

constexpr int longest_path = 4096;

/// The digits that id_partition() splits into groups of three. All bytes are digits, so the
/// collation "C" sorts them in the order of the directories: a number that is the beginning of
/// another one comes first, as its directory does.
constexpr auto partition_key = R"((SELECT left(d, length(d) - length(d) % 3)
    FROM (SELECT CASE WHEN id < 1000000000 THEN lpad(id::text, 9, '0')
                      WHEN id < 1000000000000 THEN lpad(id::text, 12, '0')
                      ELSE id::text END) AS digits(d)))";

/// Returns the condition for rows of this instance; nullopt when a column for it is missing.
std::optional<std::string> is_ours(Owner owner, const std::set<std::string>& columns) {
    switch (owner) {
        case Owner::ours:
            return "true";
        case Owner::others:
            return "false";
        case Owner::domain:
            if (!columns.contains("domain")) return std::nullopt;
            return "domain IS NULL";
        case Owner::remote_url:
            if (!columns.contains("remote_url")) return std::nullopt;
            return "coalesce(remote_url, '') = ''";
    }
    return std::nullopt;
}

std::string condition(const MediaRows& rows, bool of_others, const std::string& ours,
                      const std::set<std::string>& columns) {
    const auto& attachment = *rows.attachment;
    const auto version = fmt::format("{}_storage_schema_version", attachment.name);
    // Without this column, this version of Mastodon does not use cache/.
    const auto cached = attachment.has_cache && columns.contains(version)
                            ? fmt::format("(NOT ({}) AND coalesce({}, 0) >= 1)", ours, version)
                            : std::string("false");
    // The actor of the instance itself has the ID -99 and no images.
    auto all = fmt::format("id > 0 AND {0}_file_name <> '' AND {1}{2}", attachment.name,
                           rows.in_cache ? "" : "NOT ", cached);
    if (!of_others) all += fmt::format(" AND ({})", ours);
    // 0 means queued, 1 means in progress.
    if (attachment.table == "media_attachments" && attachment.name == "file" &&
        columns.contains("processing"))
        all += " AND coalesce(processing, 2) NOT IN (0, 1)";
    return all;
}

}  // namespace

std::span<const Attachment> attachments() {
    return all;
}

std::string id_partition(std::uint64_t id) {
    const auto digits = fmt::format("{:0{}}", id, id < 1'000'000'000 ? 9 : 12);
    std::string path;
    for (std::size_t at = 0; at + 3 <= digits.size(); at += 3) {
        if (at > 0) path += '/';
        path.append(digits, at, 3);
    }
    return path;
}

std::string directory_of(const Attachment& attachment, std::uint64_t id, bool in_cache) {
    return fmt::format("{}{}/{}", in_cache ? "cache/" : "", attachment.directory, id_partition(id));
}

std::vector<std::string> files_of(const Attachment& attachment, const NamedOriginal& original) {
    const auto directory = directory_of(attachment, original.id, original.in_cache);
    std::vector<std::string> files{fmt::format("{}/original/{}", directory, original.file_name)};
    for (const auto& style : styles_of(attachment, original))
        files.push_back(fmt::format("{}/{}/{}", directory, style.name,
                                    name_in_style(style, original.file_name)));
    return files;
}

std::vector<MediaRows> media_rows(bool of_others) {
    std::vector<MediaRows> all;
    for (const auto& attachment : attachments()) {
        if (of_others || attachment.owner != Owner::others)
            all.push_back({&attachment, false, std::string(attachment.directory)});
        if (of_others && attachment.has_cache)
            all.push_back({&attachment, true, fmt::format("cache/{}", attachment.directory)});
    }
    // Sorting whole paths is correct, because '/' sorts before '_' and letters, the only other
    // characters.
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return a.directory < b.directory; });
    return all;
}

std::optional<std::string> rows_query(const MediaRows& rows, bool of_others,
                                      const std::string& table,
                                      const std::set<std::string>& columns) {
    const auto& attachment = *rows.attachment;
    const auto ours = is_ours(attachment.owner, columns);
    if (!ours || !columns.contains("id") ||
        !columns.contains(fmt::format("{}_file_name", attachment.name)))
        return std::nullopt;
    // No file has a longer path, but a hostile row may have a gigabyte of text.
    const auto text = [&](const std::string& name) {
        return columns.contains(name) ? fmt::format("left({}, {})", name, longest_path)
                                      : std::string("NULL");
    };
    const auto size = fmt::format("{}_file_size", attachment.name);
    return fmt::format("SELECT id, {}, {}, {}, {} FROM {} WHERE {} ORDER BY {} COLLATE \"C\"",
                       text(fmt::format("{}_file_name", attachment.name)),
                       text(fmt::format("{}_content_type", attachment.name)),
                       columns.contains(size) ? size : "NULL", text("var"), table,
                       condition(rows, of_others, *ours, columns), partition_key);
}

}  // namespace mastobak::mastodon
