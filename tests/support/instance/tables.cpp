// SPDX-License-Identifier: GPL-3.0-or-later
#include "tables.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <string>

#include "random.hpp"

namespace mastobak::instance {
namespace {

using Text = std::string;
constexpr const char* then = "2024-05-06 07:08:09.123456";

std::uint64_t account_id(std::uint64_t number) {
    return snowflake(number, number * 0x9e3779b97f4a7c15U);
}
std::uint64_t status_id(std::uint64_t number) {
    return snowflake(number, number * 0xbf58476d1ce4e5b9U) + 1;
}
bool is_local(std::uint64_t account) {
    return account % 10 == 0;
}
Text domain(std::uint64_t account) {
    return "server" + std::to_string(account % 4001) + ".example";
}
Text user_uri(std::uint64_t account) {
    return "https://" + domain(account) + "/users/user" + std::to_string(account);
}

/// Returns the time of a row: one row follows the other after a minute and a half.
Text time_of(std::uint64_t number) {
    const std::time_t seconds = 1'546'300'800 + static_cast<std::time_t>(number) * 101;
    std::tm fields{};
    ::gmtime_r(&seconds, &fields);
    std::array<char, 32> text{};
    const auto length = std::strftime(text.data(), text.size(), "%F %T.", &fields);
    return Text(text.data(), length) +
           std::to_string(100'000 + number * 0x9e3779b97f4a7c15U % 900'000);
}

/// Returns text that does not compress, like a key or a hash.
Text random_text(Random& random, std::uint64_t length) {
    Text text;
    while (text.size() < length) text += random.hex16();
    text.resize(length);
    return text;
}

}  // namespace

void write_accounts(CopyWriter& out, const Words& words, const Population& population,
                    const std::vector<Item>& items) {
    Random random(population.seed + 1);
    out.begin(
        "accounts",
        "id, username, domain, private_key, public_key, created_at, updated_at, note, "
        "display_name, uri, url, inbox_url, followers_url, actor_type, avatar_file_name, "
        "avatar_content_type, avatar_file_size, avatar_updated_at, avatar_storage_schema_version, "
        "header_file_name, header_content_type, header_file_size, header_updated_at, "
        "header_storage_schema_version");
    const auto write = [&](std::uint64_t id, std::uint64_t number, bool local, const Item* avatar,
                           const Item* header) {
        using O = std::optional<Text>;
        const auto name = [](const Item* item) { return item ? O(item->file_name) : O(); };
        const auto type = [](const Item* item) { return item ? O(item->content_type) : O(); };
        const auto size = [](const Item* item) {
            return item ? std::optional(item->files.front().size) : std::nullopt;
        };
        const auto time = [](const Item* item) { return item ? O(then) : O(); };
        const auto version = [](const Item* item) {
            return item ? std::optional(1) : std::nullopt;
        };
        const Text uri = local ? Text() : user_uri(number);
        const Text made = time_of(number * 15);
        out.row(id, (id == account_id(number) ? "user" : "media") + std::to_string(number),
                local ? O() : O(domain(number)), local ? O(random_text(random, 1600)) : O(),
                random_text(random, 380), made, made, words.text(random, random.below(40)),
                words.text(random, 2), uri, uri, local ? Text() : uri + "/inbox",
                local ? Text() : uri + "/followers", "Person", name(avatar), type(avatar),
                size(avatar), time(avatar), version(avatar), name(header), type(header),
                size(header), time(header), version(header));
    };
    for (std::uint64_t i = population.first_account; i < population.accounts; ++i)
        write(account_id(i), i, is_local(i), nullptr, nullptr);
    std::uint64_t number = population.accounts;
    for (const auto& item : items)
        if (item.kind == "avatar" || item.kind == "header")
            write(item.id, number++, item.local, item.kind == "avatar" ? &item : nullptr,
                  item.kind == "header" ? &item : nullptr);
    out.end();

    out.begin("users",
              "email, encrypted_password, account_id, created_at, updated_at, locale, settings");
    const std::uint64_t first = population.first_account;
    for (std::uint64_t i = (first + 9) / 10 * 10; i < population.accounts; i += 10)
        out.row("user" + std::to_string(i) + "@mail.example", "$2a$10$" + random_text(random, 53),
                account_id(i), time_of(i * 15), time_of(i * 15), "en",
                "{\"theme\":\"system\",\"web.auto_play\":false}");
    out.end();

    out.begin("account_stats",
              "account_id, statuses_count, following_count, followers_count, created_at, "
              "updated_at, last_status_at");
    for (std::uint64_t i = first; i < population.accounts; ++i) {
        const Text made = time_of(i * 15);
        out.row(account_id(i), random.below(3000), random.below(500), random.below(900), made, made,
                made);
    }
    out.end();
}

void write_statuses(CopyWriter& out, const Words& words, const Population& population) {
    Random random(population.seed + 2);
    const std::uint64_t first = population.first_status;
    out.begin("conversations", "id, created_at, updated_at");
    for (std::uint64_t i = first > 0 ? first / 2 + 1 : 0; i <= population.statuses / 2; ++i)
        out.row(i + 1, time_of(i * 2), time_of(i * 2));
    out.end();

    out.begin("statuses",
              "id, uri, url, text, created_at, updated_at, in_reply_to_id, in_reply_to_account_id, "
              "reply, reblog_of_id, language, conversation_id, local, account_id");
    for (std::uint64_t i = first; i < population.statuses; ++i) {
        const std::uint64_t author = random.below(population.accounts);
        const bool local = is_local(author);
        const bool reblog = i > first + 100 && random.below(6) == 0;
        const bool reply = i > first + 100 && !reblog && random.below(3) == 0;
        const std::uint64_t earlier = i > first + 100 ? i - 1 - random.below(100) : 0;
        std::optional<std::uint64_t> answered;
        if (reply) answered = status_id(earlier);
        std::optional<std::uint64_t> reblogged;
        if (reblog) reblogged = status_id(earlier);
        const Text uri = (local ? "https://mastodon.example/users/user" + std::to_string(author)
                                : user_uri(author)) +
                         "/statuses/" + std::to_string(status_id(i));
        Text text = reblog ? Text() : words.text(random, 5 + random.below(60));
        if (!local && !reblog) text = "<p>" + text + "</p>";
        const Text made = time_of(i);
        out.row(status_id(i), uri, uri, text, made, made, answered,
                reply ? std::optional(account_id(author)) : std::nullopt, reply, reblogged, "en",
                1 + random.below(population.statuses / 2), local, account_id(author));
    }
    out.end();

    out.begin("status_stats",
              "status_id, replies_count, reblogs_count, favourites_count, created_at, updated_at");
    for (std::uint64_t i = first; i < population.statuses; i += 3)
        out.row(status_id(i), random.below(4), random.below(9), random.below(30), time_of(i),
                time_of(i));
    out.end();
}

void write_relations(CopyWriter& out, const Words& words, const Population& population) {
    Random random(population.seed + 3);
    const std::uint64_t accounts = population.accounts;
    const std::uint64_t first = population.first_status;
    const auto first_tag = first > 0 ? std::max<std::uint64_t>(10, first / 50) : 0;
    const auto tags = std::max<std::uint64_t>(10, population.statuses / 50);

    out.begin("favourites", "account_id, status_id, created_at, updated_at");
    for (std::uint64_t i = first; i < population.statuses; ++i)
        out.row(account_id(random.below(accounts)), status_id(i), time_of(i), time_of(i));
    out.end();
    out.begin("mentions", "account_id, status_id, created_at, updated_at");
    for (std::uint64_t i = first; i < population.statuses; i += 3)
        out.row(account_id(random.below(accounts)), status_id(i), time_of(i), time_of(i));
    out.end();
    out.begin("follows", "account_id, target_account_id, created_at, updated_at, uri");
    const std::uint64_t followers = accounts - population.first_account;
    for (std::uint64_t i = 0; i < followers * 4; ++i) {
        // This step makes pairs that do not repeat, because the table's key forbids it.
        const std::uint64_t follower = population.first_account + i % followers;
        out.row(account_id(follower), account_id((follower + 1 + i / followers) % accounts),
                time_of(i * 4), time_of(i * 4),
                user_uri(follower) + "#follows/" + std::to_string(i));
    }
    out.end();
    out.begin(
        "notifications",
        "activity_id, activity_type, account_id, from_account_id, type, created_at, updated_at");
    for (std::uint64_t i = first / 2; i < population.statuses / 2; ++i)
        out.row(i + 1, "Favourite", account_id(random.below((accounts + 9) / 10) * 10),
                account_id(random.below(accounts)), "favourite", time_of(i * 2), time_of(i * 2));
    out.end();
    out.begin("tags", "id, name, created_at, updated_at");
    for (std::uint64_t i = first_tag; i < tags; ++i)
        out.row(i + 1, words.word(random) + std::to_string(i), time_of(i * 50), time_of(i * 50));
    out.end();
    out.begin("statuses_tags", "status_id, tag_id");
    for (std::uint64_t i = first; i < population.statuses; i += 4)
        out.row(status_id(i), 1 + random.below(tags));
    out.end();
}

void write_media(CopyWriter& out, const Words& words, const Population& population,
                 const std::vector<Item>& items) {
    Random random(population.seed + 4);
    const std::uint64_t first = population.first_status;
    out.begin(
        "media_attachments",
        "id, status_id, account_id, file_file_name, file_content_type, file_file_size, "
        "file_updated_at, file_storage_schema_version, remote_url, created_at, updated_at, type, "
        "file_meta, description, blurhash, processing");
    const auto write = [&](std::uint64_t id, std::optional<Text> name, const Text& type,
                           std::optional<std::uint64_t> size, const Text& url, int kind) {
        const std::uint64_t status = first + random.below(population.statuses - first);
        std::optional<Text> description;
        if (random.below(3) == 0) description = words.text(random, random.below(30));
        const Text made = time_of(status);
        out.row(
            id, status_id(status), account_id(random.below(population.accounts)), name, type, size,
            name ? std::optional<Text>(made) : std::nullopt, 1, url, made, made, kind,
            R"({"original":{"width":1280,"height":960,"size":"1280x960","aspect":1.3333333333333333}})",
            description, "U" + random_text(random, 35), 2);
    };
    for (const auto& item : items)
        if (item.kind == "media")
            write(item.id, item.file_name, item.content_type, item.files.front().size,
                  item.local ? "" : "https://files.example/" + item.file_name,
                  item.content_type.starts_with("image") ? 0
                  : item.content_type[0] == 'v'          ? 2
                                                         : 4);
    // Media of other servers that are not in the cache, with IDs of later years.
    for (std::uint64_t i = first / 4; i < population.statuses / 4; ++i)
        write(snowflake(i, random.next()) + (std::uint64_t{1} << 60), {}, "image/jpeg", {},
              "https://files.example/media_attachments/files/" + random.hex16() + ".jpg", 0);
    out.end();

    out.begin("custom_emojis",
              "id, shortcode, domain, image_file_name, image_content_type, image_file_size, "
              "image_updated_at, image_storage_schema_version, created_at, updated_at");
    for (const auto& item : items)
        if (item.kind == "emoji")
            out.row(item.id, "emoji" + std::to_string(item.id),
                    item.local ? std::optional<Text>() : domain(item.id), item.file_name,
                    item.content_type, item.files.front().size, then, 1, then, then);
    out.end();
    out.begin("site_uploads",
              "id, var, file_file_name, file_content_type, file_file_size, "
              "file_updated_at, created_at, updated_at");
    // These have only one style.
    for (const auto& item : items)
        if (item.kind == "site_upload")
            out.row(item.id, item.id == 1 ? "hero" : "mascot", item.file_name, item.content_type,
                    item.files.front().size, then, then, then);
    out.end();
}

}  // namespace mastobak::instance
