// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/objects_of_set.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <set>
#include <sstream>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/json.hpp"
#include "offsite/object_name.hpp"

namespace mastobak::offsite {
namespace fs = std::filesystem;

namespace {

using json = Json;

/// The files that the manifest cannot list. Older sets have no signature.
constexpr std::string_view sums = "SHA256SUMS";
constexpr std::string_view signature = "SHA256SUMS.sig";
constexpr std::string_view manifest = "manifest.json";

/// The directories of files that sets share.
constexpr std::string_view media = "media", database = "database";

/// Reads an entry of `artifacts` or `media.packs`, `media.index_base` or `database.base`. This library uses only these
/// keys of a manifest; lib/store reads the rest.
Object listed(const json& entry, const fs::path& staging, const std::string& directory) {
    Object object;
    object.name = fmt::format("{}/{}", directory, entry.at("name").get<std::string>());
    // A manifest is untrusted input: "../" in it must not lead to another directory, neither here
    // nor at the remote.
    if (split_name(object.name).directory != directory)
        throw Error(Errc::corrupt, fmt::format("'{}' is not a file name", object.name));
    object.file = staging / object.name;
    object.size = {entry.at("size").get<std::uint64_t>()};
    const auto digest = parse_digest(entry.at("sha256").get<std::string>());
    if (!digest) throw Error(Errc::corrupt, fmt::format("'{}' has no SHA-256 there", object.name));
    object.sha256 = *digest;
    return object;
}

/// Throws unless the objects are those in SHA256SUMS. Otherwise a manifest that has changed since
/// the publication would be uploaded, with digests that match changed files. The contents of the
/// files are compared later, when they are read.
void compare_with_sums(const std::vector<Object>& objects, const fs::path& file) {
    std::set<std::string, std::less<>> expected;
    for (const auto& object : objects) {
        const auto [directory, leaf] = split_name(object.name);
        if (leaf == sums || leaf == signature) continue;
        expected.insert(
            fmt::format("{}  {}{}", to_hex(object.sha256),
                        is_shared(object.name) ? fmt::format("../../{}/", directory) : "", leaf));
    }
    std::istringstream lines(read_beneath(file.parent_path(), file.filename(), Errc::corrupt));
    for (std::string line; std::getline(lines, line);)
        if (expected.erase(line) == 0)
            throw Error(Errc::corrupt,
                        fmt::format("'{}' does not fit manifest.json beside it", file.native()));
    if (expected.empty()) return;
    throw Error(Errc::corrupt, fmt::format("'{}' lacks what manifest.json names: '{}'",
                                           file.native(), *expected.begin()));
}

Object measured(const fs::path& staging, const std::string& name) {
    Object object{name, staging / name, {}, {}};
    object.sha256 = sha256_of_file(object.file);
    object.size = {fs::file_size(object.file)};
    return object;
}

}  // namespace

std::map<std::string, Bytes> list_shared(Remote& remote, const std::stop_token& stop) {
    auto files = remote.list(std::string(media), stop);
    files.merge(remote.list(std::string(database), stop));
    return files;
}

std::vector<Object> objects_of_set(const fs::path& staging, const std::string& set) {
    const auto directory = fmt::format("sets/{}", set);
    const auto file = staging / directory / manifest;
    std::vector<Object> objects;
    try {
        const auto contents =
            json::parse(read_beneath(file.parent_path(), file.filename(), Errc::corrupt));
        for (const auto& pack : contents.at("media").at("packs"))
            objects.push_back(listed(pack, staging, std::string(media)));
        const auto index = contents.at("media").find("index_base");
        if (index != contents.at("media").end())
            objects.push_back(listed(*index, staging, std::string(media)));
        const auto dumped = contents.find("database");
        if (dumped != contents.end() && dumped->contains("base"))
            objects.push_back(listed(dumped->at("base"), staging, std::string(database)));
        for (const auto& artifact : contents.at("artifacts"))
            objects.push_back(listed(artifact, staging, directory));
        objects.push_back(measured(staging, fmt::format("{}/{}", directory, sums)));
        if (fs::exists(staging / directory / signature))
            objects.push_back(measured(staging, fmt::format("{}/{}", directory, signature)));
        objects.push_back(measured(staging, fmt::format("{}/{}", directory, manifest)));
        compare_with_sums(objects, staging / directory / sums);
    } catch (const json::exception& e) {
        throw Error(Errc::corrupt,
                    fmt::format("'{}' is not a manifest: {}", file.native(), e.what()));
    } catch (const fs::filesystem_error& e) {
        throw errno_error(Errc::corrupt, fmt::format("look at '{}'", e.path1().native()),
                          e.code().value());
    } catch (const Error& e) {
        if (e.code() != Errc::internal) throw;
        throw Error(Errc::corrupt,
                    fmt::format("'{}' is not a manifest: {}", file.native(), e.text()));
    }
    return objects;
}

}  // namespace mastobak::offsite
