// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <span>

#include "dumps/read_dump.hpp"

namespace mastobak::postgres {

/// Reads a stored dump into blocks of any size, for the standard input of a program.
class DumpFeeder {
 public:
    /// Throws Error{corrupt}, as fill() does.
    explicit DumpFeeder(const dumps::StoredDump& dump,
                        dumps::DumpDigest digest = dumps::DumpDigest::ignore)
        : source_(dumps::read_dump(dump, digest)) {}

    /// \return the number of bytes that were written into the block; 0 at the end
    std::size_t fill(std::span<std::byte> block) {
        std::size_t filled = 0;
        while (filled < block.size()) {
            if (rest_.empty()) rest_ = source_();
            if (rest_.empty()) break;
            const auto n = std::min(rest_.size(), block.size() - filled);
            std::memcpy(block.data() + filled, rest_.data(), n);
            rest_ = rest_.subspan(n);
            filled += n;
        }
        return filled;
    }

 private:
    std::function<std::span<const std::byte>()> source_;
    std::span<const std::byte> rest_;
};

}  // namespace mastobak::postgres
