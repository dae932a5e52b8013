// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/pack_proof.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "archive/tar.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "media/pack/verify_packs.hpp"

namespace mastobak::restore {
namespace {

constexpr std::size_t proof_block = 256 * 1024;
constexpr std::uint64_t trailer_size = 1024;  ///< two blocks of zeros
/// The gap between the last used member and the end of the pack up to which one request reads both,
/// because a second request would cost more.
constexpr std::uint64_t largest_end_gap = std::uint64_t{1} << 20;

bool same_member(const media::Entry& a, const media::Entry& b) {
    return a.offset == b.offset && a.stored == b.stored && a.size == b.size && a.sha256 == b.sha256;
}

}  // namespace

/// A part of a pack that is read forwards. All bytes that are read are hashed.
class PackProof::Stream {
 public:
    Stream(PackProof& proof, const store::PackReference& pack, std::uint64_t begin)
        : proof_(proof),
          part_(proof.packs_.open(pack.name, begin, pack.size.count - begin)),
          at_(begin) {}

    std::uint64_t at() const { return at_; }
    /// Returns the next bytes before `until`; none when the stream is there. Throws Error{corrupt}.
    std::span<const std::byte> read(std::uint64_t until) {
        if (proof_.stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const auto want = std::min<std::uint64_t>(until - at_, proof_.block_.size());
        if (want == 0) return {};
        const auto n = part_->read(at_, std::span(proof_.block_).first(want));
        if (n == 0)
            throw Error(Errc::corrupt, fmt::format("it ends after {}", counted(at_, "byte")));
        at_ += n;
        proof_.of_packs_.read.bytes.count += n;
        if (proof_.on_read_) proof_.on_read_(n);
        const auto block = std::span(proof_.block_).first(n);
        hash_.update(block);
        return block;
    }
    void skip(std::uint64_t until) {
        while (at_ < until) read(until);
    }
    Digest finish() { return hash_.finish(); }

 private:
    PackProof& proof_;
    std::unique_ptr<PackPart> part_;
    std::uint64_t at_;
    Sha256 hash_;
};

PackProof::PackProof(PackSource& packs, postgres::Check& of_packs,
                     std::function<void(std::uint64_t)> on_read, std::stop_token stop)
    : packs_(packs),
      of_packs_(of_packs),
      on_read_(std::move(on_read)),
      stop_(std::move(stop)),
      block_(proof_block) {}

bool PackProof::compare(Stream& stream, const media::Entry& entry, postgres::Check& check) {
    std::string problem;
    const auto end = entry.offset + entry.stored;
    try {
        archive::TarReader tar([&] { return stream.read(end); }, stop_);
        problem = media::compare_member(entry, tar, hash_);
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        problem = error.text();
    }
    if (problem.empty()) return true;
    hash_.finish();  // discards what was hashed before the damage
    postgres::add_problem(check, fmt::format("'{}' in pack '{}' at {}: {}", readable(entry.path),
                                             entry.pack, entry.offset, readable(problem)));
    return false;
}

void PackProof::compare_end(Stream& stream, const store::PackReference& pack) {
    bool zeros = pack.size.count >= trailer_size;
    if (zeros) stream.skip(std::max(stream.at(), pack.size.count - trailer_size));
    while (stream.at() < pack.size.count)
        for (const auto byte : stream.read(pack.size.count)) zeros = zeros && byte == std::byte{};
    if (!zeros)
        postgres::add_problem(of_packs_,
                              fmt::format("pack '{}' does not end as an archive does", pack.name));
}

void PackProof::prove_end(const store::PackReference& pack, const media::Entry* last) {
    const auto size = pack.size.count;
    const auto end = size - std::min(size, trailer_size);
    ++of_packs_.read.count;
    try {
        if (last != nullptr && (last->stored > end || last->offset > end - last->stored))
            throw Error(Errc::corrupt,
                        fmt::format("'{}' would be after its end", readable(last->path)));
        const bool near = last != nullptr && end - last->offset - last->stored <= largest_end_gap;
        Stream stream(*this, pack, near ? last->offset : end);
        if (near) {
            compare(stream, *last, of_packs_);
            stream.skip(last->offset + last->stored);
        }
        compare_end(stream, pack);
        if (last == nullptr || near) return;
        Stream alone(*this, pack, last->offset);
        compare(alone, *last, of_packs_);
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        postgres::add_problem(of_packs_, fmt::format("pack '{}': {}", pack.name, error.text()));
    }
}

void PackProof::prove_whole(const store::PackReference& pack,
                            const std::vector<media::Entry>& entries, postgres::Check& of_media) {
    const auto size = pack.size.count;
    const media::Entry* before = nullptr;
    bool good = true;  // whether the previous member was good
    ++of_packs_.read.count;
    try {
        Stream stream(*this, pack, 0);
        for (const auto& entry : entries) {
            ++of_media.read.count;
            of_media.read.bytes.count += entry.size;
            if (before != nullptr && same_member(*before, entry)) {  // a copy
                if (!good)
                    postgres::add_problem(
                        of_media, fmt::format("'{}' has the contents of '{}'", readable(entry.path),
                                              readable(before->path)));
                continue;
            }
            if (entry.stored > size || entry.offset > size - entry.stored ||
                entry.offset < stream.at()) {
                postgres::add_problem(
                    of_media,
                    fmt::format("'{}' overlaps another member of pack '{}', or is after its end",
                                readable(entry.path), pack.name));
                continue;
            }
            stream.skip(entry.offset);
            good = compare(stream, entry, of_media);
            stream.skip(entry.offset + entry.stored);
            before = &entry;
        }
        compare_end(stream, pack);
        if (stream.finish() != pack.sha256)
            postgres::add_problem(of_packs_,
                                  fmt::format("pack '{}' has a different SHA-256", pack.name));
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        postgres::add_problem(of_packs_, fmt::format("pack '{}': {}", pack.name, error.text()));
    }
}

}  // namespace mastobak::restore
