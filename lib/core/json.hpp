// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace mastobak {

/// Converts between JSON and C++ values as nlohmann's own serializer does.
template <typename T, typename = void>
struct CheckedSerializer : nlohmann::adl_serializer<T> {};

/// JSON whose numbers are checked when they become integers. nlohmann::json casts whatever number
/// there is: 1e90 as a size is undefined behaviour, -1 becomes 2^64 - 1, and `true` becomes 1.
using Json = nlohmann::basic_json<std::map, std::vector, std::string, bool, std::int64_t,
                                  std::uint64_t, double, std::allocator, CheckedSerializer>;

/// JSON that keeps the order of its keys, for what people read. Its numbers are not checked: it is
/// for writing.
using OrderedJson = nlohmann::ordered_json;

/// Integers. Throws Json::type_error for a value that is not an integer, or that T cannot hold.
template <std::integral T>
requires(!std::same_as<T, bool>) struct CheckedSerializer<T> {
    static void to_json(Json& json, T value) { nlohmann::to_json(json, value); }

    static void from_json(const Json& json, T& value) {
        const bool held =
            json.is_number_unsigned()  ? std::in_range<T>(*json.get_ptr<const std::uint64_t*>())
            : json.is_number_integer() ? std::in_range<T>(*json.get_ptr<const std::int64_t*>())
                                       : false;
        if (!held) {
            constexpr int wrong_type = 302;  // nlohmann's own number for it
            throw Json::type_error::create(
                wrong_type,
                fmt::format("{} is not an integer of {} bytes", json.type_name(), sizeof(T)),
                &json);
        }
        value = json.is_number_unsigned() ? static_cast<T>(*json.get_ptr<const std::uint64_t*>())
                                          : static_cast<T>(*json.get_ptr<const std::int64_t*>());
    }
};

}  // namespace mastobak
