// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_resident: prints the percentage of a file that is in the page cache.

#include <exception>
#include <iostream>

#include "support/page_cache.hpp"

int main(int argc, char** argv) try {
    if (argc != 2) {
        std::cerr << "usage: bench_resident FILE\n";
        return 2;
    }
    std::cout << 100 * mastobak::test::residency(argv[1]).share() << '\n';
} catch (const std::exception& error) {
    std::cerr << "bench_resident: " << error.what() << '\n';
    return 1;
}
