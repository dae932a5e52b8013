// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/media_paths.hpp"

#include <fmt/format.h>

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

}  // namespace mastobak::mastodon
