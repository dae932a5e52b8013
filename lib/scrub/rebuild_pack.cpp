// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/rebuild_pack.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <span>
#include <vector>

#include "archive/tar.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/files/polite_read.hpp"
#include "core/files/unique_fd.hpp"
#include "core/process/privilege.hpp"
#include "core/text.hpp"
#include "media/index/index_reader.hpp"
#include "media/pack/pack_writer.hpp"
#include "store/staging.hpp"

namespace mastobak::scrub {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t tar_block = 512;
constexpr std::size_t block_size = std::size_t{1} << 20;
/// A pack has at most ten thousand members; a hostile index may name any number.
constexpr std::size_t most_members = 100'000;

/// A member, and the media files that have its contents.
struct Member {
    media::Entry entry;
    /// Below the media root; the member's own path comes first.
    std::vector<std::string> paths{};

    /// Returns where the contents of a file without holes begin: they are the last bytes of the
    /// member.
    std::uint64_t contents() const {
        const auto blocks = (entry.size + tar_block - 1) / tar_block * tar_block;
        return blocks > entry.stored ? entry.offset + entry.stored
                                     : entry.offset + entry.stored - blocks;
    }
    bool has_contents() const {
        return entry.type == media::EntryType::file && entry.sha256 && entry.size > 0 &&
               entry.stored >= entry.size;
    }
};

class Rebuilding {
 public:
    Rebuilding(const config::Config& config, const fs::path& media, const Wanted& wanted,
               const fs::path& file, const std::stop_token& stop)
        : staging_(config.staging.path),
          root_(::open(media.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
          wanted_(wanted),
          path_(file),
          file_(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)),
          stop_(stop) {
        if (!file_) throw write_error(Errc::staging, file.native(), errno);
        if (!root_) throw errno_error(Errc::media, fmt::format("open '{}'", media.native()), errno);
        if (free_space(file.parent_path()) < wanted.size + config.staging.min_free)
            throw Error(Errc::staging, "there is no room for another copy of the pack",
                        "make room in staging (staging.min_free stays free)");
    }

    void run(const std::string& pack) {
        read_indexes(pack);
        copy_what_is_left(pack);
        for (const auto& [offset, member] : members_) mend_contents(member);
        if (digest() != wanted_.sha256) {
            for (const auto& [offset, member] : members_) write_header(member.entry);
            write_end();
        }
        sync_file(path_);
        if (digest() == wanted_.sha256) return;
        throw Error(Errc::corrupt,
                    fmt::format("pack '{}' cannot be rebuilt from the files of the disk{}", pack,
                                lacking_.empty() ? ""
                                                 : fmt::format(": '{}' is missing or has changed",
                                                               readable(lacking_))));
    }

 private:
    void look_at_stop() const {
        if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
    }

    void read_indexes(const std::string& pack) {
        for (const auto& set : wanted_.sets) {
            try {
                const auto stored = staging_.index(staging_.manifest(set));
                media::IndexReader index({stored.whole, stored.changes});
                while (const auto* entry = index.next()) {
                    look_at_stop();
                    const bool fits = entry->offset <= wanted_.size.count &&
                                      entry->stored <= wanted_.size.count - entry->offset;
                    if (entry->type == media::EntryType::directory || entry->pack != pack || !fits)
                        continue;
                    add(*entry);
                }
            } catch (const Error& error) {
                // The other indexes may be enough.
                if (error.code() != Errc::corrupt) throw;
            }
        }
    }

    void add(const media::Entry& entry) {
        if (members_.size() == most_members && !members_.contains(entry.offset))
            throw Error(Errc::corrupt, "the indexes name too many members of one pack");
        auto& member = members_[entry.offset];
        if (member.paths.empty() || (member.entry.copy && !entry.copy)) member.entry = entry;
        constexpr std::size_t most_paths = 16;
        if (member.paths.size() < most_paths &&
            std::ranges::find(member.paths, entry.path) == member.paths.end())
            member.paths.push_back(entry.path);
    }

    // Blocks that the disk cannot read stay zeros.
    void copy_what_is_left(const std::string& pack) {
        if (::ftruncate(file_.get(), static_cast<off_t>(wanted_.size.count)) != 0)
            throw write_error(Errc::staging, path_.native(), errno);
        const UniqueFd at(::open(staging_.media().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        const auto from = open_beneath(at.get(), pack, O_RDONLY | O_NONBLOCK);
        if (!from) return;
        switch_off_read_ahead(from.get());
        std::vector<std::byte> block(block_size);
        for (std::uint64_t at_byte = 0; at_byte < wanted_.size.count; at_byte += block_size) {
            look_at_stop();
            const auto size = std::min<std::uint64_t>(block_size, wanted_.size.count - at_byte);
            if (read_politely(from.get(), std::span(block).first(size), at_byte) == 0)
                put(at_byte, std::span(block).first(size));
        }
    }

    void put(std::uint64_t offset, std::span<const std::byte> data) {
        while (!data.empty()) {
            const auto n =
                ::pwrite(file_.get(), data.data(), data.size(), static_cast<off_t>(offset));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) throw write_error(Errc::staging, path_.native(), errno);
            offset += static_cast<std::uint64_t>(n);
            data = data.subspan(static_cast<std::size_t>(n));
        }
    }

    Digest digest(std::uint64_t offset, std::uint64_t size) const {
        Sha256 hash;
        read_through(
            file_.get(), offset, size, path_, [&](auto block) { hash.update(block); }, stop_,
            Errc::staging);
        return hash.finish();
    }
    Digest digest() const { return digest(0, wanted_.size.count); }

    void mend_contents(const Member& member) {
        const auto& entry = member.entry;
        if (!member.has_contents() || digest(member.contents(), entry.size) == entry.sha256) return;
        for (const auto& path : member.paths)
            if (take_contents(member, path)) return;
        if (lacking_.empty()) lacking_ = entry.path;
    }

    bool take_contents(const Member& member, const std::string& path) {
        const auto& entry = member.entry;
        UniqueFd from;
        {
            const ReadAnything raised;
            from = open_beneath(root_.get(), path, O_RDONLY | O_NONBLOCK);
        }
        struct stat status {};
        if (!from || ::fstat(from.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
            static_cast<std::uint64_t>(status.st_size) != entry.size)
            return false;
        auto offset = member.contents();
        try {
            read_through(
                from.get(), 0, entry.size, path,
                [&](std::span<const std::byte> block) {
                    put(offset, block);
                    offset += block.size();
                },
                stop_, Errc::corrupt);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            return false;
        }
        const std::vector<std::byte> zeros((tar_block - entry.size % tar_block) % tar_block);
        put(offset, zeros);
        return digest(member.contents(), entry.size) == entry.sha256;
    }

    // Writes the header as a backup does. If its length differs, the member had attributes that the
    // index does not have.
    void write_header(const media::Entry& entry) {
        using Type = archive::Header::Type;
        if (entry.copy) return;
        const auto header = media::member_header(entry, owners_);
        std::vector<std::byte> bytes;
        archive::TarWriter tar([&](std::span<const std::byte> block) {
            if (bytes.size() < block_size) bytes.insert(bytes.end(), block.begin(), block.end());
        });
        tar.begin(header);
        const auto room = Member{entry}.contents() - entry.offset;
        const auto length = header.type == Type::file && entry.size > 0 ? room : entry.stored;
        if (bytes.size() == length) put(entry.offset, bytes);
    }

    void write_end() {
        std::uint64_t end = 0;
        for (const auto& [offset, member] : members_)
            end = std::max(end, offset + member.entry.stored);
        const auto left = wanted_.size.count - end;
        if (left > 2 * tar_block) return;  // followed by members that no set uses any more
        put(end, std::vector<std::byte>(left));
    }

    const store::Staging staging_;
    const UniqueFd root_;
    const Wanted& wanted_;
    const fs::path path_;
    const UniqueFd file_;
    const std::stop_token& stop_;
    archive::Owners owners_;
    std::map<std::uint64_t, Member> members_;
    std::string lacking_;
};

}  // namespace

void rebuild_pack(const config::Config& config, const fs::path& media, const std::string& pack,
                  const Wanted& wanted, const fs::path& file, const std::stop_token& stop) {
    Rebuilding(config, media, wanted, file, stop).run(pack);
}

}  // namespace mastobak::scrub
