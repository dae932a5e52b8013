// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/formats/signature.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "store/formats/sha256sums.hpp"

namespace mastobak::store {
namespace fs = std::filesystem;

namespace {

constexpr mode_t readable_by_owner = 0400;

/// Returns nothing when the file is missing, or may not be read.
std::optional<std::string> read_key_file(const fs::path& file) {
    if (::access(file.c_str(), R_OK) != 0) return std::nullopt;
    return read_file(file, Errc::config, signify::largest_file);
}

Error not_a_key(const fs::path& file) {
    return Error(Errc::config, fmt::format("'{}' is not a key of signify", file.native()),
                 "put the copy that you kept back");
}

void add_public_key(Keys& keys, const fs::path& file) {
    const auto text = read_key_file(file);
    if (!text) return;
    const auto key = signify::parse_public_key(*text);
    if (!key) throw not_a_key(file);
    if (std::ranges::find(keys.trusted, *key) == keys.trusted.end()) keys.trusted.push_back(*key);
}

void keep_trusting(const fs::path& state_directory, const std::string& text) {
    const auto key = signify::parse_public_key(text);
    if (!key) return;
    make_directories(state_directory / "trusted");
    write_file(state_directory / "trusted" / (to_hex(key->number) + ".pub"), text,
               readable_by_owner);
}

/// Returns SHA256SUMS of a set in staging after checking that the manifest beside it has the listed
/// digest and names this set. Throws Error{corrupt}.
std::string checked_sums(const Staging& staging, const std::string& set) {
    const auto file = staging.set(set) / "SHA256SUMS";
    auto sums = read_file(file, Errc::corrupt, largest_sums);
    static_cast<void>(staging.manifest(set));
    const Sum manifest{"manifest.json", sha256_of_file(staging.set(set) / "manifest.json")};
    const auto lines = parse_sha256sums(sums, file.native());
    if (std::ranges::find(lines, manifest) == lines.end())
        throw Error(Errc::corrupt, "its manifest is not what its SHA256SUMS says");
    return sums;
}

void sign_older_sets(const Staging& staging, const signify::SecretKey& key) {
    for (const auto& set : staging.list()) {
        try {
            write_file(staging.set(set) / signature_name,
                       signify::sign(checked_sums(staging, set), key));
        } catch (const Error& error) {
            // A damaged set stays foreign; `verify` reports what is wrong with it.
            if (error.code() != Errc::corrupt) throw;
        }
    }
}

}  // namespace

fs::path secret_key_file(const fs::path& state_directory) {
    return state_directory / "signing.key";
}

fs::path public_key_file(const fs::path& state_directory) {
    return state_directory / "signing.pub";
}

Keys read_keys(const fs::path& state_directory) {
    Keys keys;
    if (const auto text = read_key_file(secret_key_file(state_directory))) {
        keys.own = signify::parse_secret_key(*text);
        if (!keys.own) throw not_a_key(secret_key_file(state_directory));
        keys.trusted.push_back(keys.own->half);
    } else {
        add_public_key(keys, public_key_file(state_directory));
    }
    std::error_code error;
    for (fs::directory_iterator it(state_directory / "trusted", error), end; !error && it != end;
         it.increment(error))
        if (it->path().extension() == ".pub") add_public_key(keys, it->path());
    return keys;
}

Keys make_keys(const fs::path& state_directory, const Staging& staging) {
    auto keys = read_keys(state_directory);
    std::error_code error;
    const auto file = secret_key_file(state_directory);
    if (fs::exists(file, error)) {
        if (!keys.own)
            throw Error(Errc::config, fmt::format("'{}' cannot be read", file.native()),
                        "it has to belong to user mastobak: chown mastobak, chmod 400");
    } else {
        const auto key = signify::generate();
        make_directories(state_directory);
        // Signs before the key is written: after a crash in between, another key is made and signs
        // the sets again.
        sign_older_sets(staging, key);
        write_file(file, to_text(key), readable_by_owner);
        keys = read_keys(state_directory);
        if (!keys.own) keys.own = key;
    }
    const auto half = to_text(keys.own->half);
    if (const auto known = read_key_file(public_key_file(state_directory)); known != half) {
        // Another key has signed the earlier sets, so its public key stays trusted.
        if (known) keep_trusting(state_directory, *known);
        write_file(public_key_file(state_directory), half, readable_by_owner);
    }
    return keys;
}

std::string public_key_line(const fs::path& state_directory) {
    try {
        const auto text = read_key_file(public_key_file(state_directory));
        const auto key = text ? signify::parse_public_key(*text) : std::nullopt;
        return key ? to_line(*key) : std::string();
    } catch (const Error&) {
        return {};
    }
}

std::string why_foreign(std::string_view sums, std::string_view signature,
                        const std::vector<signify::PublicKey>& keys) {
    if (signify::is_signed(sums, signature, keys)) return {};
    if (signature.empty()) return "it is not signed";
    const auto number = signify::number_of(signature);
    if (!number) return fmt::format("its {} is damaged", signature_name);
    if (std::ranges::find(keys, *number, &signify::PublicKey::number) != keys.end())
        return fmt::format("its SHA256SUMS is not what was signed: that or {} was changed",
                           signature_name);
    return "it is not signed by a key that is trusted here";
}

std::string why_foreign(const Staging& staging, const std::string& set,
                        const std::vector<signify::PublicKey>& keys) {
    try {
        const auto file = staging.set(set) / signature_name;
        std::error_code error;
        const auto signature = fs::exists(file, error)
                                   ? read_file(file, Errc::corrupt, signify::largest_file)
                                   : std::string();
        return why_foreign(checked_sums(staging, set), signature, keys);
    } catch (const Error& error) {
        return error.text();
    }
}

}  // namespace mastobak::store
