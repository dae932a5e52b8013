// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_churn: simulated daily backups of a host whose media changes, with the real media pass,
// publication, retention and repacking. Prints a line per backup, and at the end: the largest
// overhead (bytes in staging minus three days' churn, divided by live bytes), the number of sets
// that are left, of their problems, and of repacked files.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>

#include "core/error.hpp"
#include "integration/churn/churning_host.hpp"

int main(int argc, char** argv) try {
    using namespace mastobak;
    test::ChurnOptions options;
    options.files = 20'000;
    options.mean_size = 20'000;
    options.pack_size = {8'000'000};
    options.dump = {4'000'000};
    int nights = 30;
    CLI::App app{"Runs simulated nights"};
    app.add_option("directory", options.directory, "empty")->required();
    app.add_option("--nights", nights);
    app.add_option("--files", options.files);
    app.add_option("--mean-size", options.mean_size, "bytes");
    app.add_option("--pack-size", options.pack_size.count, "bytes");
    app.add_option("--dump", options.dump.count, "bytes of a set beside media and index");
    app.add_option("--churn", options.churn, "of the files, a day");
    app.add_option("--daily", options.retention.daily);
    app.add_option("--weekly", options.retention.weekly);
    app.add_option("--monthly", options.retention.monthly);
    app.add_option("--minimum", options.retention.minimum);
    app.add_option("--repack-below", options.repack_below, "percent");
    CLI11_PARSE(app, argc, argv);

    test::ChurningHost host(options);
    double worst = 0;
    for (int night = 1; night <= nights; ++night) {
        host.live_on();
        worst = std::max(worst, host.overhead());
        std::cout << night << " most=" << host.size().most.count
                  << " after=" << host.size().after.count << " live=" << host.size().live.count
                  << " churn=" << host.size().churn.count << " overhead=" << host.overhead()
                  << '\n';
    }
    const auto damage = host.damage();
    for (const auto& problem : damage) std::cerr << problem << '\n';
    std::cout << worst << ' ' << host.sets().size() << ' ' << damage.size() << ' '
              << host.repacked_files() << '\n';
} catch (const std::exception& error) {
    std::cerr << "bench_churn: " << mastobak::describe(error) << '\n';
    return 1;
}
