// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/pack/digest_cache.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "media/index/index.hpp"
#include "media/index/index_reader.hpp"
#include "media/pack/content_records.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;
namespace {

/// The head of the cache file. After it come the records, the number of the first record for each
/// two-byte prefix of a digest, and the names of the packs, one on each line.
struct Head {
    std::array<char, 24> magic{'m', 'a', 's', 't', 'o', 'b', 'a', 'k', ' ', 'c',
                               'o', 'n', 't', 'e', 'n', 't', 's', ' ', '1', '\n'};
    Digest index;
    std::uint64_t records = 0;
    std::uint64_t names = 0;  ///< size of the names, in bytes

    std::uint64_t size_of_file() const;
};

constexpr std::size_t beginnings = 65536;
using First = std::vector<std::uint64_t>;  ///< its size is beginnings + 1

/// The largest number of digests with the same prefix that find() reads. A billion files have half
/// of it, because digests are spread evenly; more are a sign of a damaged or forged file.
constexpr std::uint64_t most_alike = 30'000;
/// The largest size of the names of the packs, in bytes.
constexpr std::uint64_t most_digests = std::uint64_t{16} << 20;

std::uint64_t Head::size_of_file() const {
    return sizeof(Head) + records * sizeof(ContentRecord) +
           (beginnings + 1) * sizeof(std::uint64_t) + names;
}

std::size_t beginning_of(const Digest& digest) {
    return static_cast<std::size_t>(digest.bytes[0]) << 8 | digest.bytes[1];
}

bool read_whole(int fd, std::span<std::byte> to, std::uint64_t offset) {
    return read_at(fd, to, offset) == static_cast<ssize_t>(to.size());
}

/// Writes the new cache file in blocks.
class Output {
 public:
    explicit Output(const fs::path& path)
        : path_(path),
          fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)) {
        if (!fd_) throw write_error(Errc::staging, path.native(), errno);
    }
    void write(std::span<const std::byte> bytes) {
        block_.insert(block_.end(), bytes.begin(), bytes.end());
        if (block_.size() >= std::size_t{256} << 10) flush();
    }
    void flush() {
        write_all(fd_.get(), block_, path_.native());
        block_.clear();
    }
    /// Overwrites the preliminary head, which was written when the counts were not known.
    void finish(const Head& head) {
        flush();
        if (::lseek(fd_.get(), 0, SEEK_SET) != 0)
            throw write_error(Errc::staging, path_.native(), errno);
        write_all(fd_.get(), std::as_bytes(std::span(&head, 1)), path_.native());
        sync_and_close(std::move(fd_), path_);
    }

 private:
    const fs::path path_;
    UniqueFd fd_;
    std::vector<std::byte> block_;
};

/// A member that is smaller than its contents has holes, and only tar can locate a byte in it.
bool has_holes(const Entry& entry) {
    return entry.stored < entry.size;
}

void sort_contents(const IndexFiles& index, ContentSorter& sorter,
                   std::map<std::string, std::uint32_t>& packs, const std::stop_token& stop) {
    IndexReader reader(index);
    while (const auto* entry = reader.next()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (!entry->sha256 || has_holes(*entry)) continue;
        const auto number = static_cast<std::uint32_t>(packs.size());
        ContentRecord record{.sha256 = *entry->sha256,
                             .offset = entry->offset,
                             .stored = entry->stored,
                             .pack = packs.emplace(entry->pack, number).first->second};
        record.check = record.right_check();
        sorter.add(record);
    }
}

std::string names_of(const std::map<std::string, std::uint32_t>& packs) {
    std::vector<const std::string*> by_number(packs.size());
    for (const auto& [name, number] : packs) by_number[number] = &name;
    std::string names;
    for (const auto* name : by_number) names += *name + '\n';
    return names;
}

}  // namespace

void write_known_contents(const IndexFiles& index, const Digest& sha256, const fs::path& file,
                          std::stop_token stop) {
    auto made = file;
    made += ".new";
    auto scratch = file;
    scratch += ".scratch";
    ContentSorter sorter(scratch);
    std::map<std::string, std::uint32_t> packs;
    sort_contents(index, sorter, packs, stop);

    Output out(made);
    Head head;
    out.write(std::as_bytes(std::span(&head, 1)));
    head.index = sha256;
    First first;
    sorter.drain([&](const ContentRecord& record) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        first.resize(std::max(first.size(), beginning_of(record.sha256) + 1), head.records);
        out.write(std::as_bytes(std::span(&record, 1)));
        ++head.records;
    });
    first.resize(beginnings + 1, head.records);
    out.write(std::as_bytes(std::span(first)));
    const auto names = names_of(packs);
    head.names = names.size();
    out.write(std::as_bytes(std::span(names)));
    out.finish(head);
    std::error_code error;
    fs::rename(made, file, error);
    if (error) throw write_error(Errc::staging, file.native(), error.value());
}

std::optional<DigestCache> DigestCache::open(const fs::path& file, const Digest& index) {
    DigestCache contents;
    contents.fd_.reset(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!contents.fd_ || !contents.read_head(index)) return std::nullopt;
    return contents;
}

bool DigestCache::read_head(const Digest& index) {
    Head head;
    if (!read_whole(fd_.get(), std::as_writable_bytes(std::span(&head, 1)), 0)) return false;
    const auto size = ::lseek(fd_.get(), 0, SEEK_END);
    if (head.magic != Head{}.magic || head.index != index || head.names > most_digests ||
        head.records > static_cast<std::uint64_t>(size) ||
        head.size_of_file() != static_cast<std::uint64_t>(size))
        return false;
    const auto after_records = sizeof(Head) + head.records * sizeof(ContentRecord);
    first_.resize(beginnings + 1);
    std::string names(head.names, '\0');
    if (!read_whole(fd_.get(), std::as_writable_bytes(std::span(first_)), after_records) ||
        !read_whole(fd_.get(), std::as_writable_bytes(std::span(names)),
                    after_records + first_.size() * sizeof(std::uint64_t)))
        return false;
    for (std::size_t at = 0; at < names.size();) {
        const auto end = names.find('\n', at);
        if (end == std::string::npos) return false;
        packs_.push_back(names.substr(at, end - at));
        at = end + 1;
    }
    return true;
}

std::optional<Location> DigestCache::find(const Digest& contents) const {
    const auto beginning = beginning_of(contents);
    const auto first = first_[beginning];
    const auto end = first_[beginning + 1];
    if (end <= first || end - first > most_alike) return std::nullopt;
    std::vector<ContentRecord> records(end - first);
    if (!read_whole(fd_.get(), std::as_writable_bytes(std::span(records)),
                    sizeof(Head) + first * sizeof(ContentRecord)))
        return std::nullopt;
    for (const auto& record : records) {
        if (record.sha256 != contents || record.check != record.right_check() ||
            record.pack >= packs_.size())
            continue;
        return Location{packs_[record.pack], record.offset, record.stored};
    }
    return std::nullopt;
}

}  // namespace mastobak::media
