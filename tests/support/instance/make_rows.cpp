// SPDX-License-Identifier: GPL-3.0-or-later
//
// make_rows writes a psql script that fills a database like Mastodon's. Its rows name the files
// that make_media makes with the same options. make-database pipes the script into psql.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>

#include "core/error.hpp"
#include "tables.hpp"

int main(int argc, char** argv) try {
    using namespace mastobak::instance;
    Shape shape;
    shape.files = 0;
    std::uint64_t size = 16;
    CLI::App app{"Writes a psql script with rows of Mastodon's shape"};
    app.add_option("--size", size, "of the database, MiB, media rows not counted")
        ->capture_default_str();
    app.add_option("--files", shape.files, "as make_media")->capture_default_str();
    app.add_option("--median", shape.median, "as make_media");
    app.add_option("--remote", shape.remote, "as make_media");
    app.add_option("--seed", shape.seed, "as make_media");
    CLI11_PARSE(app, argc, argv);

    // Measured size of a status in the database, including its share of the other tables.
    constexpr std::uint64_t bytes_a_status = 1350;
    const Population population{
        .statuses = std::max<std::uint64_t>(1000, size * 1'048'576 / bytes_a_status),
        .accounts = std::max<std::uint64_t>(60, size * 1'048'576 / bytes_a_status / 15),
        .seed = shape.seed};
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
