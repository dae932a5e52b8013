// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/unique_fd.hpp"

namespace mastobak::bus {

/// What is sent: the few types that calls of ours have. A string vector is "as".
using Argument =
    std::variant<std::string, std::vector<std::string>, bool, std::uint32_t, std::int32_t>;

/// What is received: any D-Bus value. Numbers are widened, object paths and signatures are strings,
/// a variant is what is in it; arrays, structs and dictionary entries are lists.
struct Value {
    using List = std::vector<Value>;
    /// Open as long as a copy of it exists.
    using Descriptor = std::shared_ptr<const UniqueFd>;
    std::variant<bool, std::int64_t, std::uint64_t, double, std::string, List, Descriptor> data;

    /// These throw Error{internal} when it is something else.
    const std::string& string() const;
    const List& list() const;
    std::uint64_t number() const;
    const Descriptor& descriptor() const;

    /// As text: elements of a list one a line, those of a list within a list with spaces.
    std::string text() const;
};

using Values = std::vector<Value>;

}  // namespace mastobak::bus
