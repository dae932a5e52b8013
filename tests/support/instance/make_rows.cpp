// SPDX-License-Identifier: GPL-3.0-or-later
//
// make_rows writes a psql script that fills a database like Mastodon's. Its rows name the files
// that make_media makes with the same options. make-database pipes the script into psql. With
// --day N, the script adds the new rows of one day; make-day runs it.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <iostream>

#include "core/error.hpp"
#include "tables.hpp"

namespace {

using namespace mastobak::instance;

/// \param size of the database, in MiB
/// \param day  0: all rows of the first database
/// \param growth percentage of the first statuses that a day adds
Population population_of(std::uint64_t size, std::uint64_t seed, std::uint64_t day, double growth) {
    // Measured size of a status in the database, including its share of the other tables.
    constexpr std::uint64_t bytes_a_status = 1350;
    const auto statuses = std::max<std::uint64_t>(1000, size * 1'048'576 / bytes_a_status);
    const auto accounts = std::max<std::uint64_t>(60, size * 1'048'576 / bytes_a_status / 15);
    const auto share = [](std::uint64_t count, double percent) {
        return static_cast<std::uint64_t>(std::ceil(static_cast<double>(count) * percent / 100));
    };
    const auto new_statuses = share(statuses, growth);
    // Most of the accounts that act on a day were known before.
    const auto new_accounts = share(accounts, growth / 4);
    return {.statuses = statuses + new_statuses * day,
            .accounts = accounts + new_accounts * day,
            .seed = seed + 1000 * day,
            .first_status = day > 0 ? statuses + new_statuses * (day - 1) : 0,
            .first_account = day > 0 ? accounts + new_accounts * (day - 1) : 0};
}

}  // namespace

int main(int argc, char** argv) try {
    Shape shape;
    shape.files = 0;
    std::uint64_t size = 16;
    std::uint64_t day = 0;
    double growth = 1.5;
    CLI::App app{"Writes a psql script with rows of Mastodon's shape"};
    app.add_option("--size", size, "of the database, MiB, media rows not counted")
        ->capture_default_str();
    app.add_option("--files", shape.files, "as make_media")->capture_default_str();
    app.add_option("--median", shape.median, "as make_media");
    app.add_option("--remote", shape.remote, "as make_media");
    app.add_option("--seed", shape.seed, "as make_media");
    app.add_option("--day", day,
                   "only the new rows of this day after the first database (1, 2, …)");
    app.add_option("--growth", growth, "percent of the first statuses that a day adds")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    const auto population = population_of(size, shape.seed, day, growth);
    if (day > 0) shape.files = 0;
    const auto items = make_items(shape);
    const Words words;
    CopyWriter out;
    // Switches off the check of references for each row. All references are valid, see tables.hpp.
    out.statement("SET session_replication_role = replica");
    out.statement("BEGIN");
    write_accounts(out, words, population, items);
    write_statuses(out, words, population);
    write_relations(out, words, population);
    write_media(out, words, population, items);
    for (const char* table : {"conversations", "tags", "custom_emojis", "site_uploads"})
        out.statement("SELECT setval('" + std::string(table) +
                      "_id_seq', (SELECT coalesce(max(id), 1) FROM " + table + "))");
    out.statement("COMMIT");
    out.flush();
} catch (const std::exception& error) {
    std::cerr << "make_rows: " << mastobak::describe(error) << '\n';
    return 1;
}
