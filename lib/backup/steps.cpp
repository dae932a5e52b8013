// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/steps.hpp"

namespace mastobak::backup {

async::Task<> Steps::run(std::string name, async::Task<> work) {
    const auto begun = clock_.steady();
    try {
        observer_.step(name);
        co_await std::move(work);
    } catch (...) {
        if (failed_.empty()) failed_ = name;
        throw;
    }
    add({std::move(name), clock_.steady() - begun});
}

}  // namespace mastobak::backup
