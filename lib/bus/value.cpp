// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus/value.hpp"

#include "core/error.hpp"

namespace mastobak::bus {
namespace {

template <typename T>
const T& get(const Value& value, const char* type) {
    if (const auto* found = std::get_if<T>(&value.data)) return *found;
    throw Error(Errc::internal, std::string("a value from the bus is not a ") + type);
}

std::string joined(const Value::List& list, char separator) {
    std::string text;
    for (const auto& value : list) {
        if (&value != &list.front()) text += separator;
        const auto* inner = std::get_if<Value::List>(&value.data);
        text += inner ? joined(*inner, ' ') : value.text();
    }
    return text;
}

}  // namespace

const std::string& Value::string() const {
    return get<std::string>(*this, "string");
}

const Value::List& Value::list() const {
    return get<List>(*this, "list");
}

std::uint64_t Value::number() const {
    return get<std::uint64_t>(*this, "number");
}

const Value::Descriptor& Value::descriptor() const {
    return get<Descriptor>(*this, "file descriptor");
}

std::string Value::text() const {
    struct Text {
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(const Descriptor&) const { return "a file descriptor"; }
        std::string operator()(const List& list) const { return joined(list, '\n'); }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(std::uint64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return std::to_string(number); }
    };
    return std::visit(Text{}, data);
}

}  // namespace mastobak::bus
