// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus/messages.hpp"

#include <optional>
#include <string_view>

#include "core/error.hpp"

namespace mastobak::bus {
namespace {

/// Removes the first complete type from a signature and returns it: "a(so)u" returns "a(so)" and
/// leaves "u".
std::string take_type(std::string_view& signature) {
    std::size_t length = 0;
    int depth = 0;
    for (;;) {
        if (length == signature.size())
            throw Error(Errc::internal, "the signature '" + std::string(signature) + "' is broken");
        const char c = signature[length++];
        if (c == '(' || c == '{') ++depth;
        if (c == ')' || c == '}') --depth;
        if (depth == 0 && c != 'a') break;
    }
    std::string type(signature.substr(0, length));
    signature.remove_prefix(length);
    return type;
}

/// Reads one basic type; nullopt at the end of an array.
template <typename T, typename Wide>
std::optional<Value> basic(sdbus::Message& message) {
    T value{};
    message >> value;
    if (!message) return {};
    return Value{static_cast<Wide>(value)};
}

std::optional<Value> read_descriptor(sdbus::Message& message) {
    sdbus::UnixFd value;
    message >> value;
    if (!message) return {};
    return Value{std::make_shared<const UniqueFd>(value.release())};
}

std::optional<Value> read_one(sdbus::Message& message, const std::string& type);

Value::List read_all(sdbus::Message& message, std::string_view signature) {
    Value::List list;
    while (!signature.empty()) {
        const auto type = take_type(signature);
        auto value = read_one(message, type);
        if (!value) throw Error(Errc::internal, "a message from the bus ends too early");
        list.push_back(std::move(*value));
    }
    return list;
}

std::optional<Value> read_array(sdbus::Message& message, const std::string& element) {
    message.enterContainer(element.c_str());
    if (!message) return {};
    Value::List list;
    while (auto value = read_one(message, element)) list.push_back(std::move(*value));
    message.clearFlags();
    message.exitContainer();
    return Value{std::move(list)};
}

std::optional<Value> read_struct(sdbus::Message& message, const std::string& members) {
    message.enterStruct(members.c_str());
    if (!message) return {};
    Value value{read_all(message, members)};
    message.exitStruct();
    return value;
}

std::optional<Value> read_dictionary_entry(sdbus::Message& message, const std::string& members) {
    message.enterDictEntry(members.c_str());
    if (!message) return {};
    Value value{read_all(message, members)};
    message.exitDictEntry();
    return value;
}

std::optional<Value> read_variant(sdbus::Message& message) {
    // peekType() is safe here, because a variant is a container.
#if MASTOBAK_SDBUS_2
    const auto [kind, inner] = message.peekType();
    const std::string type = kind == 'v' && inner ? inner : "";
#else
    std::string kind;
    std::string type;
    message.peekType(kind, type);
#endif
    message.enterVariant(type.c_str());
    if (!message) return {};
    auto value = read_one(message, type);
    message.exitVariant();
    return value;
}

std::optional<Value> read_one(sdbus::Message& message, const std::string& type) {
    switch (type.front()) {
        case 'b':
            return basic<bool, bool>(message);
        case 'y':
            return basic<std::uint8_t, std::uint64_t>(message);
        case 'q':
            return basic<std::uint16_t, std::uint64_t>(message);
        case 'u':
            return basic<std::uint32_t, std::uint64_t>(message);
        case 't':
            return basic<std::uint64_t, std::uint64_t>(message);
        case 'n':
            return basic<std::int16_t, std::int64_t>(message);
        case 'i':
            return basic<std::int32_t, std::int64_t>(message);
        case 'x':
            return basic<std::int64_t, std::int64_t>(message);
        case 'd':
            return basic<double, double>(message);
        case 's':
            return basic<std::string, std::string>(message);
        case 'o':
            return basic<sdbus::ObjectPath, std::string>(message);
        case 'g':
            return basic<sdbus::Signature, std::string>(message);
        case 'h':
            return read_descriptor(message);
        case 'v':
            return read_variant(message);
        case '(':
            return read_struct(message, type.substr(1, type.size() - 2));
        case '{':
            return read_dictionary_entry(message, type.substr(1, type.size() - 2));
        case 'a':
            return read_array(message, type.substr(1));
        default:
            throw Error(Errc::internal, "the type '" + type + "' of the bus is not supported");
    }
}

}  // namespace

void write(sdbus::Message& message, const Argument& argument) {
    std::visit([&message](const auto& value) { message << value; }, argument);
}

Values read(sdbus::Message& message, const std::string& signature) {
    return read_all(message, signature);
}

}  // namespace mastobak::bus
