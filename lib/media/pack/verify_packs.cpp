// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack/verify_packs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "core/error.hpp"
#include "core/files/unique_fd.hpp"
#include "core/text.hpp"
#include "media/index/index_parts.hpp"
#include "media/index/index_reader.hpp"
#include "media/index/paths.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t read_block = 256 * 1024;
/// A set that grew over months uses hundreds of packs; each directory has files in many of them.
constexpr std::size_t most_open_packs = 64;
constexpr std::size_t most_told = 100;

/// The packs of a directory. Opens each when it is needed, and keeps a limited number open.
class Packs {
 public:
    explicit Packs(fs::path directory) : directory_(std::move(directory)) {}

    /// \return -1 with errno
    int open(const std::string& name) {
        if (const auto known = open_.find(name); known != open_.end()) return known->second.get();
        UniqueFd fd(::open((directory_ / name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (!fd) return -1;
        // The first name is the oldest pack, of which an index uses the fewest members.
        if (open_.size() >= most_open_packs) open_.erase(open_.begin());
        const int number = fd.get();
        open_.emplace(name, std::move(fd));
        return number;
    }

 private:
    fs::path directory_;
    std::map<std::string, UniqueFd> open_;
};

/// A part of a pack, as a source for a tar reader.
class Part {
 public:
    Part(int fd, std::uint64_t offset, std::uint64_t size, std::vector<std::byte>& block)
        : fd_(fd), offset_(offset), left_(size), block_(block) {}

    std::span<const std::byte> operator()() {
        const auto want = std::min<std::uint64_t>(left_, block_.size());
        if (want == 0) return {};
        const auto n = ::pread(fd_, block_.data(), want, static_cast<off_t>(offset_));
        if (n < 0) throw errno_error(Errc::corrupt, "read the pack", errno);
        offset_ += static_cast<std::uint64_t>(n);
        left_ -= static_cast<std::uint64_t>(n);
        return {block_.data(), static_cast<std::size_t>(n)};
    }

 private:
    int fd_;
    std::uint64_t offset_;
    std::uint64_t left_;
    std::vector<std::byte>& block_;
};

archive::Header::Type member_type(EntryType type) {
    switch (type) {
        case EntryType::directory:
            return archive::Header::Type::directory;
        case EntryType::symlink:
            return archive::Header::Type::symlink;
        case EntryType::hardlink:
            return archive::Header::Type::hardlink;
        case EntryType::file:
            break;
    }
    return archive::Header::Type::file;
}

class Verifier {
 public:
    Verifier(const fs::path& packs, std::set<std::string> away, std::stop_token stop)
        : packs_(packs), stop_(std::move(stop)), skipped_(std::move(away)) {}

    /// \return whether the member equals the entry, or is not checked
    bool check(const Entry& entry) {
        const auto before = count_;
        look_at(entry);
        return count_ == before;
    }

    void look_at(const Entry& entry) {
        if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (entry.type == EntryType::directory || skipped_.contains(entry.pack)) return;
        const int fd = packs_.open(entry.pack);
        if (fd < 0) {
            skipped_.insert(entry.pack);
            return tell(errno_error(Errc::corrupt, fmt::format("open pack '{}'", entry.pack), errno)
                            .text());
        }
        try {
            archive::TarReader tar(Part(fd, entry.offset, entry.stored, block_), stop_);
            if (const auto problem = compare_member(entry, tar, hash_); !problem.empty())
                told(entry, problem);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            told(entry, error.text());
        }
    }

    void check_parts(const fs::path& index, const fs::path& list) {
        try {
            check_index_parts(index, list, stop_);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            tell(error.text());
        }
    }

    std::vector<std::string> problems() && {
        if (count_ > most_told)
            problems_.push_back(fmt::format("and {}", counted(count_ - most_told, "more problem")));
        return std::move(problems_);
    }

 private:
    void told(const Entry& entry, std::string_view problem) {
        hash_.finish();  // clears the data that was hashed before the damage
        tell(fmt::format("'{}' in pack '{}' at {}: {}", entry.path, entry.pack, entry.offset,
                         problem));
    }
    void tell(std::string_view problem) {
        if (++count_ <= most_told) problems_.push_back(readable(problem));
    }

    Packs packs_;
    std::stop_token stop_;
    std::set<std::string> skipped_;  ///< packs that are away, or cannot be opened
    std::vector<std::byte> block_ = std::vector<std::byte>(read_block);
    Sha256 hash_;
    std::vector<std::string> problems_;
    std::size_t count_ = 0;
};

}  // namespace

std::string compare_member(const Entry& entry, archive::TarReader& tar, Sha256& hash) {
    const auto header = tar.next();
    if (!header) return "the file is not in the pack";
    if (!entry.copy && header->path != member_name(entry.path))
        return fmt::format("the member is '{}'", header->path);
    if (header->type != member_type(entry.type)) return "the member is of a different type";
    if (header->target != entry.target)
        return fmt::format("the member points to '{}'", header->target);
    if (entry.type != EntryType::file) return {};
    if (header->size != entry.size)
        return fmt::format("the member has {} instead of {}", counted(header->size, "byte"),
                           entry.size);
    for (auto block = tar.data(); !block.empty(); block = tar.data()) hash.update(block);
    if (hash.finish() != entry.sha256) return "its contents have a different SHA-256";
    return {};
}

std::vector<std::string> verify_packs(const IndexFiles& index, const fs::path& parts,
                                      const fs::path& pack_directory,
                                      const std::set<std::string>& away, std::stop_token stop) {
    IndexReader reader(index);
    Verifier verifier(pack_directory, away, std::move(stop));
    while (const auto* entry = reader.next()) verifier.check(*entry);
    // Sets of older versions do not have this list.
    if (!parts.empty()) verifier.check_parts(index.whole, parts);
    return std::move(verifier).problems();
}

DamagedMembers damaged_members(const IndexFiles& index, const fs::path& pack_directory,
                               const std::string& pack, std::size_t most, std::stop_token stop) {
    IndexReader reader(index);
    Verifier verifier(pack_directory, {}, std::move(stop));
    DamagedMembers damaged;
    while (const auto* entry = reader.next()) {
        if (entry->type == EntryType::directory || entry->pack != pack || verifier.check(*entry))
            continue;
        if (damaged.members.size() < most) damaged.members.push_back(*entry);
        ++damaged.count;
    }
    return damaged;
}

}  // namespace mastobak::media
