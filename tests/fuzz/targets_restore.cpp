// SPDX-License-Identifier: GPL-3.0-or-later
//
// Target: foreign indexes that root restores.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>
#include <vector>

#include "archive/tar.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "media/index/index.hpp"
#include "media/index/index_line.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/paths.hpp"
#include "restore/tree/restore_media.hpp"
#include "targets.hpp"

namespace mastobak::fuzz {
namespace fs = std::filesystem;
namespace {

/// Writes an index of the valid lines of a text, in the order of an index.
void write_index(std::string_view text, const fs::path& file) {
    std::vector<media::Entry> entries;
    for (media::Entry entry; !text.empty();) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        try {
            media::parse_line(line, entry);
            entries.push_back(entry);
        } catch (const Error&) {
            // The targets index and index_line check invalid lines.
        }
    }
    const auto before = [](const auto& a, const auto& b) {
        return media::compare_paths(a.path, b.path) < 0;
    };
    std::stable_sort(entries.begin(), entries.end(), before);
    media::IndexWriter writer(file);
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (i == 0 || before(entries[i - 1], entries[i])) writer.add(entries[i]);
    writer.finish();
}

/// A pack with any name. It has an empty file at offset 0, and a file with "hello" at 512.
class OnePack : public restore::PackSource {
 public:
    OnePack() {
        archive::TarWriter writer([this](auto data) {
            bytes_.append(reinterpret_cast<const char*>(data.data()), data.size());
        });
        for (const std::string_view contents : {"", "hello"}) {
            archive::Header header;
            header.path = "a";
            header.size = contents.size();
            writer.begin(header);
            writer.data(std::as_bytes(std::span(contents)));
            writer.end();
        }
    }
    std::unique_ptr<restore::PackPart> open(const std::string&, std::uint64_t,
                                            std::uint64_t) override {
        return std::make_unique<Part>(bytes_);
    }
    std::optional<Bytes> size_of(const std::string&) override { return Bytes{bytes_.size()}; }

 private:
    struct Part : restore::PackPart {
        explicit Part(std::string_view all) : bytes(all) {}
        std::size_t read(std::uint64_t offset, std::span<std::byte> to) override {
            if (offset >= bytes.size()) return 0;
            const auto n = std::min<std::size_t>(bytes.size() - offset, to.size());
            std::memcpy(to.data(), bytes.data() + offset, n);
            return n;
        }
        std::string_view bytes;
    };
    std::string bytes_;
};

}  // namespace

/// Restores two indexes, split at an empty line, into one tree, so that symlinks of the first are
/// in the way of the second. Nothing outside the tree changes, and no file becomes set-user-ID.
void restored_indexes(const std::string& input, const fs::path& scratch) {
    static OnePack pack;
    const auto outside = scratch / "outside";
    fs::remove_all(scratch / "tree");
    fs::create_directories(outside);
    in_file("alive", outside / "canary");
    fs::permissions(outside / "canary", fs::perms(0600));
    const auto links = [&] { return fs::hard_link_count(outside / "canary"); };
    const auto status = fs::status(outside).permissions();
    const auto middle = std::min(input.find("\n\n"), input.size());
    for (const auto text :
         {std::string_view(input).substr(0, middle), std::string_view(input).substr(middle)}) {
        fs::remove(scratch / "index");
        write_index(text, scratch / "index");
        restore::restore_media({.index = scratch / "index",
                                .target = scratch / "tree",
                                .scratch = scratch / "lists",
                                .threads = 1},
                               pack, {}, {});
    }
    require(read_file(outside / "canary", Errc::internal) == "alive", "the canary lives");
    require(std::distance(fs::directory_iterator(outside), {}) == 1,
            "nothing is beside the canary");
    require(links() == 1, "the canary has no other name");
    require(fs::status(outside).permissions() == status &&
                fs::status(outside / "canary").permissions() == fs::perms(0600),
            "modes outside stay");
    for (const auto& entry : fs::directory_iterator(scratch)) {
        const auto name = entry.path().filename();
        require(name == "outside" || name == "index" || name == "tree",
                "nothing is beside the tree");
    }
    constexpr auto special = fs::perms::set_uid | fs::perms::set_gid;
    for (const auto& entry : fs::recursive_directory_iterator(scratch / "tree"))
        require((entry.symlink_status().permissions() & special) == fs::perms::none ||
                    entry.is_symlink(),
                "no special bit comes back");
}

}  // namespace mastobak::fuzz
