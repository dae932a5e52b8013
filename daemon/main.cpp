// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli.hpp"

int main(int argc, char* argv[]) {
    return mastobak::daemon::run_cli(argc, argv);
}
