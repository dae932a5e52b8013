// SPDX-License-Identifier: GPL-3.0-or-later
//
// libFuzzer's entry: one program for all targets. MASTOBAK_FUZZ_TARGET names the target, and
// MASTOBAK_FUZZ_SCRATCH an empty directory for its files. Without a target, it prints all names.
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "targets.hpp"

using namespace mastobak;

namespace {

const fuzz::Target* chosen = nullptr;
std::filesystem::path scratch;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
    const char* name = std::getenv("MASTOBAK_FUZZ_TARGET");
    for (const auto& target : fuzz::targets())
        if (name == nullptr)
            std::cout << target.name << '\n';
        else if (target.name == name)
            chosen = &target;
    const char* directory = std::getenv("MASTOBAK_FUZZ_SCRATCH");
    if (chosen == nullptr || directory == nullptr) std::exit(name == nullptr ? 0 : 2);
    scratch = directory;
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::run_once(*chosen, std::string(reinterpret_cast<const char*>(data), size), scratch);
    return 0;
}
