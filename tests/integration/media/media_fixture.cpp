// SPDX-License-Identifier: GPL-3.0-or-later
#include "media_fixture.hpp"

#include <fstream>

#include "archive/tar.hpp"
#include "core/process/process.hpp"
#include "media/index/index_reader.hpp"
#include "media/pack/verify_packs.hpp"
#include "media/tree_options.hpp"
#include "support/catch.hpp"
#include "support/memory_stream.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

MediaFixture::MediaFixture() {
    fs::create_directories(root);
    fs::create_directories(packs);
    options.root = root;
    options.pack_directory = packs;
}

media::TreeResult MediaFixture::backup(const std::string& set) {
    options.pack_prefix = set;
    options.index = directory / (set + ".index.zst");
    options.previous_index = index;
    auto result = media::backup_tree(options, {}, {});
    index = options.index;
    return result;
}

std::map<std::string, media::Entry> MediaFixture::entries() const {
    std::map<std::string, media::Entry> all;
    media::IndexReader reader(index);
    while (auto entry = reader.next()) all.emplace(entry->path, *entry);
    return all;
}

std::vector<std::string> MediaFixture::verify() const {
    const auto list = index.parent_path() / "media.index.parts.zst";
    return media::verify_packs(index, fs::exists(list) ? list : fs::path(), packs, {}, {});
}

std::string MediaFixture::contents(const media::Entry& entry) const {
    std::string member(entry.stored, '\0');
    std::ifstream pack(packs / entry.pack, std::ios::binary);
    pack.seekg(static_cast<std::streamoff>(entry.offset));
    pack.read(member.data(), static_cast<std::streamsize>(member.size()));
    archive::TarReader tar(source_of(member, 65536));
    REQUIRE(tar.next());
    std::string out;
    for (auto block = tar.data(); !block.empty(); block = tar.data()) out += text(block);
    return out;
}

fs::path MediaFixture::restore() {
    const auto target = directory / "restored";
    fs::remove_all(target);
    fs::create_directory(target);
    script(R"sh(set -euo pipefail
        zstdcat "$1" | awk -F'\t' '$1 ~ /[flh]/ && $10 != "-" { print $10 }' | sort -u > "$3.packs"
        while read -r pack; do
            zstdcat "$1" | awk -F'\t' -v pack="$pack" '$10 == pack && $1 != "c" { print $2 }' \
                > "$3.list"
            LC_ALL=C tar --no-recursion --xattrs --xattrs-include='*' -xpf "$2/$pack" -C "$3" \
                -T "$3.list"
        done < "$3.packs"
        zstdcat "$1" | while IFS=$'\t' read -r type path mode uid gid size mtime _ _ pack offset \
            stored _; do
            [[ $type == c ]] || continue
            path=$3/$path
            mkdir -p "${path%/*}"
            tail -c +$((offset + stored - (size + 511) / 512 * 512 + 1)) "$2/$pack" |
                head -c "$size" > "$path" || [[ $? == 141 ]]
            chown "$uid:$gid" "$path"
            chmod "$mode" "$path"
            touch -d "@$((mtime / 1000000000)).$(printf %09d $((mtime % 1000000000)))" "$path"
        done)sh",
           {index, packs, target});
    return target;
}

std::string MediaFixture::differences(const fs::path& restored) const {
    return script(
        R"(set -euo pipefail
        rsync -ncirlptgoHAX --delete "$1/" "$2/" | { grep -v -e '^[.c]d' -e '^skipping' || true; })",
        {root, restored});
}

std::map<std::string, std::uint64_t> entries_used(const media::PacksUsed& packs) {
    std::map<std::string, std::uint64_t> entries;
    for (const auto& [pack, use] : packs) entries[pack] = use.entries;
    return entries;
}

Errc code_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        INFO(error.what());
        return error.code();
    }
    FAIL("no error");
    return Errc::internal;
}

std::string script(const std::string& text, std::vector<std::string> arguments) {
    Command command;
    command.argv = {"bash", "-c", text, "script"};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    const auto finished = run(command);
    INFO(finished.reason() << finished.error_tail);
    REQUIRE(finished.ok());
    return finished.output;
}

}  // namespace mastobak::test
