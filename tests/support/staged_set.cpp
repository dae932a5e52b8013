// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/staged_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "support/temporary_directory.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

namespace {

std::string sum(const fs::path& file, std::string_view directory = "") {
    return fmt::format("{}  {}{}\n", to_hex(sha256_of_file(file)), directory,
                       file.filename().native());
}

std::string entry(const fs::path& file) {
    return fmt::format(R"({{"name": "{}", "size": {}, "sha256": "{}"}})", file.filename().native(),
                       fs::file_size(file), to_hex(sha256_of_file(file)));
}

}  // namespace

offsite::Object object_of(const fs::path& file, std::string name) {
    return {std::move(name), file, {fs::file_size(file)}, sha256_of_file(file)};
}

void stage_set(const fs::path& staging, const std::string& set,
               const std::vector<std::string>& packs) {
    const auto directory = staging / "sets" / set;
    std::vector<std::string> entries;
    std::string sums;
    for (const auto& pack : packs) {
        const auto file = staging / "media" / pack;
        if (!fs::exists(file)) write(file, "the contents of " + pack);
        entries.push_back(entry(file));
        sums += sum(file, "../../media/");
    }
    write(directory / "database.dump.zst", "the database of " + set);
    write(directory / "manifest.json",
          fmt::format(R"({{"artifacts": [{}], "media": {{"packs": [{}]}}}})",
                      entry(directory / "database.dump.zst"), fmt::join(entries, ", ")));
    sums += sum(directory / "database.dump.zst") + sum(directory / "manifest.json");
    write(directory / "SHA256SUMS", sums);
}

std::vector<std::string> names_in_order(const std::string& set,
                                        const std::vector<std::string>& packs) {
    std::vector<std::string> names;
    for (const auto& pack : packs) names.push_back("media/" + pack);
    for (const auto* file : {"database.dump.zst", "SHA256SUMS", "manifest.json"})
        names.push_back(fmt::format("sets/{}/{}", set, file));
    return names;
}

}  // namespace mastobak::test
