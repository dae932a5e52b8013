// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/retention/remote_signing.hpp"

#include <fmt/format.h>

#include "backup/retention/fetched.hpp"
#include "core/files/files.hpp"
#include "core/process/accounts.hpp"
#include "store/formats/names.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::backup {
namespace fs = std::filesystem;

namespace {

/// Returns the name of this host. Characters that the name of an object may not have become '_'.
std::string plain_host_name() {
    std::string result;
    for (const char c : host_name()) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '-';
        result += plain ? c : '_';
    }
    return result.substr(0, 64);
}

/// Uploads a text as an object.
void send(offsite::Remote& remote, const std::string& name, const std::string& text,
          const fs::path& scratch, const std::stop_token& stop) {
    make_directories(scratch);
    const auto file = scratch / fs::path(name).filename();
    write_file(file, text, 0600);
    const auto remove = [&file] {
        std::error_code ignored;
        fs::remove(file, ignored);
    };
    try {
        remote.put({name, file, {text.size()}, sha256_of_file(file)}, {}, stop);
    } catch (...) {
        remove();
        throw;
    }
    remove();
}

}  // namespace

std::string public_key_name(const signify::PublicKey& key) {
    return fmt::format("mastobak-{}-{}.pub", plain_host_name(), to_hex(key.number));
}

std::string send_public_key(offsite::Remote& remote, const signify::PublicKey& key,
                            const fs::path& scratch, const std::stop_token& stop) {
    const auto name = public_key_name(key);
    const auto text = to_text(key);
    const auto there = remote.list("", stop);
    const auto found = there.find(name);
    if (found == there.end()) send(remote, name, text, scratch, stop);
    if (found == there.end() || found->second.count == text.size()) return {};
    return fmt::format("'{}' at the remote '{}' is not the public half of this host's key", name,
                       remote.name());
}

UnsignedSet find_unsigned_set(offsite::Remote& remote, const std::string& set,
                              const fs::path& scratch, const std::stop_token& stop) {
    if (!store::is_set_name(set))
        throw Error(Errc::usage, fmt::format("'{}' is not the name of a set", set));
    const auto directory = fmt::format("sets/{}", set);
    const auto files = remote.list(directory, stop);
    const auto fetch = [&](const std::string& leaf) {
        const auto found = files.find(leaf);
        if (found == files.end())
            throw Error(
                Errc::usage,
                fmt::format("the remote '{}' has no '{}/{}'", remote.name(), directory, leaf),
                "mastobak prune --dry-run names the sets that it has");
        return Fetched(remote, directory + "/" + leaf, found->second, scratch, stop);
    };
    if (files.contains(std::string(store::signature_name)))
        throw Error(
            Errc::usage,
            fmt::format("the set '{}' at the remote '{}' has a signature", set, remote.name()),
            "if it is of another key of yours, put the public half of that into 'trusted/' "
            "of the state directory");
    UnsignedSet found;
    found.sums = fetch("SHA256SUMS").text;
    const auto manifest = fetch("manifest.json");
    require_sum(found.sums, manifest.sha256, directory + "/SHA256SUMS");
    found.manifest = store::parse_manifest(manifest.text, directory + "/manifest.json");
    if (found.manifest.set != set)
        throw Error(Errc::corrupt, fmt::format("the set '{}' at the remote '{}' is a copy of '{}'",
                                               set, remote.name(), found.manifest.set));
    return found;
}

void adopt(offsite::Remote& remote, const UnsignedSet& set, const signify::SecretKey& key,
           const fs::path& scratch, const std::stop_token& stop) {
    send(remote, fmt::format("sets/{}/{}", set.manifest.set, store::signature_name),
         signify::sign(set.sums, key), scratch, stop);
}

}  // namespace mastobak::backup
