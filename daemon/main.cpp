// SPDX-License-Identifier: GPL-3.0-or-later
#include <malloc.h>

#include "daemon/cli/cli.hpp"

namespace {

/// Makes glibc return freed memory to the system; otherwise the memory of all steps of a night adds
/// up. By default, glibc keeps freed memory in an arena for each of many short-lived threads, and
/// after a large block was freed, it takes blocks of that size from an arena, too (mallopt(3),
/// M_MMAP_THRESHOLD).
void give_freed_memory_back() {
    ::mallopt(M_ARENA_MAX, 2);
    ::mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

}  // namespace

int main(int argc, char* argv[]) {
    give_freed_memory_back();
    return mastobak::daemon::run_cli(argc, argv);
}
