// SPDX-License-Identifier: GPL-3.0-or-later
#include "notify/outbox.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/contains.hpp"
#include "core/error.hpp"
#include "core/fields.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"

namespace mastobak {

template <>
struct EnumNames<config::NotifyEvent> {
    static constexpr auto& all = config::notify_event_names;
};

template <>
struct Fields<notify::Message> {
    template <typename Io>
    static void list(Io& io, auto& message) {
        io("event", message.event, Presence::required);
        io("at", Exact{message.at}, Presence::required);
        io("host", message.host);
        io("good", message.good);
        io("subject", message.subject, Presence::required);
        io("body", message.body);
        io("log", message.log);
        io("run", message.run);
        io("exit_status", message.exit_status);
        auto milliseconds = message.took ? message.took->count() : -1;
        io("took_milliseconds", milliseconds);
        if constexpr (Io::reads)
            if (milliseconds >= 0) message.took = std::chrono::milliseconds(milliseconds);
        io("facts", message.facts);
    }
};

template <>
struct Fields<notify::Letter> {
    static void list(auto& io, auto& letter) {
        io("id", letter.id, Presence::required);
        io("target", letter.target, Presence::required);
        io("message", letter.message, Presence::required);
        io("queued_at", Exact{letter.queued_at}, Presence::required);
        io("attempts", letter.attempts);
        io("next_attempt", Exact{letter.next_attempt}, Presence::if_set);
    }
};

template <>
struct Fields<notify::Told> {
    static void list(auto& io, auto& told) {
        io("reasons", told.keys);
        io("at", Exact{told.at}, Presence::if_set);
    }
};

}  // namespace mastobak

namespace mastobak::notify {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_letters = 32;  ///< for each target
constexpr std::chrono::nanoseconds first_delay = 10s, longest_delay = 15min, longest_age = 24h;
constexpr int most_attempts = 10'000;  ///< more than a day has room for
constexpr std::size_t longest_body = 16 * 1024;
constexpr std::size_t longest_log = 32 * 1024;
constexpr Bytes largest_outbox{std::uint64_t{64} << 20};

std::chrono::nanoseconds delay_after_attempt(int attempts) {
    auto delay = first_delay;
    for (int n = 1; n < attempts && delay < longest_delay; ++n) delay *= 2;
    return std::min(delay, longest_delay);
}

}  // namespace

void Outbox::add(const NotifyTarget& target, Message message, Timestamp now) {
    const auto is_for_it = [&](const Letter& letter) { return letter.target == target.name; };
    if (std::ranges::count_if(letters_, is_for_it) >= static_cast<std::ptrdiff_t>(most_letters))
        letters_.erase(std::ranges::find_if(letters_, is_for_it));
    message.body = shortened(std::move(message.body), longest_body);
    message.log = target.log ? shortened(std::move(message.log), longest_log) : std::string();
    letters_.push_back({next_id_++, target.name, std::move(message), now});
}

std::optional<Letter> Outbox::due(const std::string& target, Timestamp now) const {
    const auto first = std::ranges::find_if(
        letters_, [&](const Letter& letter) { return letter.target == target; });
    if (first == letters_.end()) return std::nullopt;
    // The second condition holds after the clock was set back.
    const bool waits = first->next_attempt && *first->next_attempt > now &&
                       *first->next_attempt - now <= longest_delay;
    return waits ? std::nullopt : std::optional(*first);
}

std::optional<Timestamp> Outbox::next(std::vector<std::string> busy) const {
    std::optional<Timestamp> earliest;
    for (const auto& letter : letters_) {
        if (contains(busy, letter.target)) continue;
        busy.push_back(letter.target);  // only its first letter counts
        const auto at = letter.next_attempt.value_or(letter.queued_at);
        if (!earliest || at < *earliest) earliest = at;
    }
    return earliest;
}

void Outbox::sent(std::uint64_t id) {
    std::erase_if(letters_, [&](const Letter& letter) { return letter.id == id; });
}

bool Outbox::failed(std::uint64_t id, Timestamp now) {
    const auto letter = std::ranges::find_if(letters_, [&](const Letter& l) { return l.id == id; });
    if (letter == letters_.end()) return false;
    letter->queued_at = std::min(letter->queued_at, now);  // the clock was set back
    if (now - letter->queued_at >= longest_age) {
        letters_.erase(letter);
        return true;
    }
    ++letter->attempts;
    letter->next_attempt = now + delay_after_attempt(letter->attempts);
    return false;
}

void Outbox::keep(const std::vector<NotifyTarget>& targets) {
    const auto is_gone = [&](const std::string& name) {
        return std::ranges::none_of(targets, [&](const auto& t) { return t.name == name; });
    };
    std::erase_if(letters_, [&](const Letter& letter) { return is_gone(letter.target); });
    std::erase_if(told_, [&](const auto& entry) { return is_gone(entry.first); });
}

Outbox Outbox::read(const std::filesystem::path& file) {
    Outbox outbox;
    try {
        const auto json = Json::parse(
            read_beneath(file.parent_path(), file.filename(), Errc::staging, largest_outbox));
        FieldReader io(json);
        io("letters", outbox.letters_);
        io.keyed("targets", "name", outbox.told_);
        for (auto& letter : outbox.letters_)
            letter.attempts = std::clamp(letter.attempts, 0, most_attempts);
        for (auto& letter : outbox.letters_) letter.id = outbox.next_id_++;
        return outbox;
    } catch (const std::exception&) {
        return {};
    }
}

void Outbox::write(const std::filesystem::path& file) const {
    Json json = Json::object();
    json["letters"] = FieldWriter::json_of(letters_);
    auto targets = Json::array();
    for (const auto& [name, told] : told_) {
        targets.push_back(FieldWriter::json_of(told));
        targets.back()["name"] = name;
    }
    json["targets"] = std::move(targets);
    write_file(file, json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n");
}

}  // namespace mastobak::notify
