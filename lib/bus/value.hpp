// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/files/unique_fd.hpp"

namespace mastobak::bus {

/// An argument of a call: the few types that mastobak's calls need. A string vector is "as".
using Argument =
    std::variant<std::string, std::vector<std::string>, bool, std::uint32_t, std::int32_t>;

/// A received D-Bus value of any type. Numbers are widened, object paths and signatures become
/// strings, a variant is replaced by its content; arrays, structs and dictionary entries become
/// lists.
struct Value {
    using List = std::vector<Value>;
    /// The file descriptor stays open as long as a copy of this exists.
    using Descriptor = std::shared_ptr<const UniqueFd>;
    std::variant<bool, std::int64_t, std::uint64_t, double, std::string, List, Descriptor> data;

    /// These throw Error{internal} when the value has another type.
    const std::string& string() const;
    const List& list() const;
    std::uint64_t number() const;
    const Descriptor& descriptor() const;

    /// Returns the value as text: one line for each element of a list; elements of a nested list
    /// are separated by blanks.
    std::string text() const;
};

using Values = std::vector<Value>;

}  // namespace mastobak::bus
