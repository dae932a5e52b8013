// SPDX-License-Identifier: GPL-3.0-or-later
#include <malloc.h>

#include "daemon/cli/cli.hpp"

namespace {

/// What a step of a night has freed is not kept for ever: else the peak of the night is the sum of
/// its steps. By default, glibc keeps it in an arena for each of many short-lived threads, and
/// takes ever larger blocks from there once one of their size was freed (mallopt(3),
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
