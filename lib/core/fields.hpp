// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"
#include "core/json.hpp"

namespace mastobak {

/// Describes a record as an object of JSON, once for both directions. A specialization has
///     template <typename Io>
///     static void list(Io& io, auto& record) {
///         io("id", record.id, Presence::required);
///         io("size", record.size);
///     }
/// FieldWriter calls it with a const record, FieldReader with one of default values.
template <typename Record>
struct Fields;

/// Has `all`, the names of an enumeration in the order of its values. A reader ignores a name that
/// is not one of them.
template <typename Enum>
struct EnumNames;

enum class Presence {
    optional,  ///< without the field, the member keeps its value
    if_set,    ///< the same, and an empty std::optional is not written
    required,
};

template <typename T>
concept Described = requires {
    sizeof(Fields<T>);
};

/// A text that is null in JSON when it is empty.
template <typename Text>
struct NullIfEmpty {
    Text& text;
};
template <typename Text>
NullIfEmpty(Text&) -> NullIfEmpty<Text>;

/// A time with all its digits. A reader throws for a Timestamp that it cannot read.
template <typename Time>
struct Exact {
    Time& time;
};
template <typename Time>
Exact(Time&) -> Exact<Time>;

/// Writes the fields of a record into an object. Times have whole seconds, and durations in
/// nanoseconds are fractions of seconds; nothing is null.
class FieldWriter {
 public:
    static constexpr bool reads = false;

    template <typename T>
    void operator()(const char* key, const T& value, Presence presence = Presence::optional) {
        auto json = json_of(value);
        if (presence != Presence::if_set || !json.is_null()) object_[key] = std::move(json);
    }
    /// A field that is computed from others, and not read.
    template <typename T>
    void computed(const char* key, const T& value) {
        object_[key] = json_of(value);
    }
    /// An object below this one.
    /// \param present whether it is written
    template <typename List>
    void below(const char* key, bool present, List list) {
        if (!present) return;
        FieldWriter io;
        list(io);
        object_[key] = std::move(io.object_);
    }
    /// A map as an array, whose objects have the key as the field `name`.
    template <typename T>
    void keyed(const char* key, const char* name, const std::map<std::string, T>& map) {
        auto array = Json::array();
        for (const auto& [id, value] : map) {
            array.push_back(json_of(value));
            array.back()[name] = id;
        }
        object_[key] = std::move(array);
    }

    template <typename T>
    static Json json_of(const T& value) {
        if constexpr (Described<T>) {
            FieldWriter io;
            Fields<T>::list(io, value);
            return std::move(io.object_);
        } else if constexpr (std::is_enum_v<T>) {
            return EnumNames<T>::all.at(static_cast<std::size_t>(value));
        } else {
            return plain(value);
        }
    }

 private:
    template <typename T>
    static Json plain(const T& value) {
        return value;
    }
    static Json plain(Bytes value) { return value.count; }
    static Json plain(Timestamp value) {
        return to_iso8601(std::chrono::floor<std::chrono::seconds>(value));
    }
    static Json plain(const Digest& value) { return to_hex(value); }
    static Json plain(const Exact<const Timestamp>& value) { return to_iso8601(value.time); }
    static Json plain(const Exact<const std::optional<Timestamp>>& value) {
        return value.time ? Json(to_iso8601(*value.time)) : Json(nullptr);
    }
    static Json plain(std::chrono::seconds value) { return value.count(); }
    static Json plain(std::chrono::nanoseconds value) {
        return std::chrono::duration<double>(value).count();
    }
    template <typename T>
    static Json plain(const std::optional<T>& value) {
        return value ? json_of(*value) : Json(nullptr);
    }
    template <typename T>
    static Json plain(const std::vector<T>& values) {
        auto array = Json::array();
        for (const auto& value : values) array.push_back(json_of(value));
        return array;
    }
    template <typename Text>
    static Json plain(const NullIfEmpty<Text>& value) {
        return value.text.empty() ? Json(nullptr) : Json(value.text);
    }

    Json object_ = Json::object();
};

/// Reads the fields of a record from an object. Throws Json::exception when a required
/// field is missing, and for a value of a wrong type. An optional member becomes empty instead, and
/// a time that cannot be read, or is before 1970 (it would overflow when it is subtracted), counts
/// as missing.
class FieldReader {
 public:
    static constexpr bool reads = true;

    /// Throws Json::exception when it is not an object.
    explicit FieldReader(const Json& object) : object_(object) {
        static_cast<void>(object.get_ref<const Json::object_t&>());
    }

    template <typename T>
    void operator()(const char* key, T&& value, Presence presence = Presence::optional) {
        if (presence == Presence::required)
            read(object_.at(key), value);
        else if (const auto found = object_.find(key); found != object_.end())
            read(*found, value);
    }
    template <typename T>
    void computed(const char*, const T&) {}
    template <typename List>
    void below(const char* key, bool, List list) {
        const auto found = object_.find(key);
        if (found == object_.end()) return;
        FieldReader io(*found);
        list(io);
    }
    template <typename T>
    void keyed(const char* key, const char* name, std::map<std::string, T>& map) {
        const auto found = object_.find(key);
        if (found == object_.end()) return;
        for (const auto& item : found->get_ref<const Json::array_t&>()) {
            T value{};
            read(item, value);
            map.emplace(item.at(name).get<std::string>(), std::move(value));
        }
    }

    template <typename T>
    static void read(const Json& json, T& value) {
        if constexpr (Described<T>) {
            FieldReader io(json);
            Fields<T>::list(io, value);
        } else if constexpr (std::is_enum_v<T>) {
            const auto& names = EnumNames<T>::all;
            for (std::size_t i = 0; i < names.size(); ++i)
                if (json == names[i]) value = static_cast<T>(i);
        } else {
            read_plain(json, value);
        }
    }

 private:
    template <typename T>
    static bool fits(const Json& json) {
        if constexpr (Described<T>) return json.is_object();
        if constexpr (std::is_same_v<T, Bytes>) return json.is_number_unsigned();
        if constexpr (std::is_same_v<T, std::chrono::seconds>) return json.is_number_integer();
        if constexpr (std::is_unsigned_v<T>) return json.is_number_unsigned();
        if constexpr (std::is_same_v<T, std::string>) return json.is_string();
        if constexpr (std::is_same_v<T, Timestamp>)
            return json.is_string() && time_of(json).has_value();
    }
    static std::optional<Timestamp> time_of(const Json& json) {
        const auto time = parse_iso8601(json.get_ref<const std::string&>());
        return time >= std::optional(Timestamp{}) ? time : std::nullopt;
    }

    template <typename T>
    static void read_plain(const Json& json, T& value) {
        value = json.get<T>();
    }
    static void read_plain(const Json& json, Bytes& value) {
        value.count = json.get<std::uint64_t>();
    }
    static void read_plain(const Json& json, Timestamp& value) {
        if (json.is_string()) value = time_of(json).value_or(value);
    }
    static void read_plain(const Json& json, Digest& value) {
        value = found(parse_digest(json.get_ref<const std::string&>()), json);
    }
    static void read_plain(const Json& json, Exact<Timestamp>& value) {
        value.time = found(parse_iso8601(json.get_ref<const std::string&>()), json);
    }
    static void read_plain(const Json& json, Exact<std::optional<Timestamp>>& value) {
        value.time = parse_iso8601(json.get_ref<const std::string&>());
    }
    /// Throws when the text of `json` is not what it should be.
    template <typename T>
    static T found(const std::optional<T>& value, const Json& json) {
        if (value) return *value;
        throw Json::other_error::create(501, json.dump() + " is not a time or a SHA-256", &json);
    }
    static void read_plain(const Json& json, std::chrono::seconds& value) {
        value = std::chrono::seconds(json.get<std::int64_t>());
    }
    static void read_plain(const Json& json, std::chrono::nanoseconds& value) {
        constexpr double longest = 1e8;  // seconds: what is larger would overflow
        const auto seconds = json.get<double>();
        value =
            std::chrono::nanoseconds(std::llround(1e9 * std::min(longest, std::max(0.0, seconds))));
    }
    template <typename T>
    static void read_plain(const Json& json, std::optional<T>& value) {
        value.reset();
        if (fits<T>(json)) read(json, value.emplace());
    }
    template <typename T>
    static void read_plain(const Json& json, std::vector<T>& values) {
        values.clear();
        for (const auto& item : json.get_ref<const Json::array_t&>())
            read(item, values.emplace_back());
    }
    template <typename Text>
    static void read_plain(const Json& json, NullIfEmpty<Text>& value) {
        value.text = json.is_string() ? json.get<std::string>() : std::string();
    }

    const Json& object_;
};

template <Described Record>
Json json_from_record(const Record& record) {
    return FieldWriter::json_of(record);
}

/// Throws Json::exception; see FieldReader.
template <Described Record>
Record record_from_json(const Json& json) {
    Record record{};
    FieldReader::read(json, record);
    return record;
}

}  // namespace mastobak
