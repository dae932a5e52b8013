// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

namespace mastobak {

template <auto release>
struct Release {
    template <typename T>
    void operator()(T* pointer) const {
        release(pointer);
    }
};

/// Owns an object of a C library, which a function of that library releases:
/// Owned<BIGNUM, BN_clear_free>.
template <typename T, auto release>
using Owned = std::unique_ptr<T, Release<release>>;

}  // namespace mastobak
