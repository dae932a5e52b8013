// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/read_objects.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/text.hpp"
#include "offsite/remotes/incoming_file.hpp"

namespace mastobak::scrub {
namespace {

/// A large object is read in pieces of this size; each piece is a request, or starts a program.
constexpr std::uint64_t piece = std::uint64_t{256} << 20;

class Reader {
 public:
    Reader(Place& place, const ReadOptions& options, Partials& partials,
           const std::stop_token& stop)
        : place_(place), options_(options), partials_(partials), stop_(stop) {}

    ReadResult run(const std::vector<std::pair<std::string, Wanted>>& objects) {
        now_.of_objects = objects.size();
        for (const auto& [name, wanted] : objects) now_.of_bytes += wanted.size;
        int failed_in_a_row = 0;
        for (const auto& [name, wanted] : objects) {
            if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
            if (used_up()) break;
            now_.object = name;
            const auto before = now_.bytes;
            tell();
            try {
                const auto finding = look_at(name, wanted);
                if (!finding) break;
                if (options_.found) options_.found(name, wanted, *finding);
                ++result_.objects;
                failed_in_a_row = 0;
            } catch (const Error& error) {
                if (error.code() == Errc::cancelled) throw;
                result_.unread.emplace_back(name, error.text());
                // One failure may concern only that object; two in a row mean that the place has a
                // problem.
                if (++failed_in_a_row == 2) {
                    result_.problem = error.text();
                    break;
                }
            }
            ++now_.objects;
            now_.bytes = before + wanted.size;
        }
        result_.complete = now_.objects == objects.size();
        tell();
        return std::move(result_);
    }

 private:
    bool used_up() const { return options_.budget && result_.bytes >= *options_.budget; }
    void tell() const {
        if (options_.progress) options_.progress(now_);
    }

    /// \return nullopt when the budget is used up before the end of the object
    std::optional<Finding> look_at(const std::string& name, const Wanted& wanted) {
        const auto size = place_.size_of(name, stop_);
        if (!size) return Finding{"it is missing", "reading"};
        if (*size != wanted.size)
            return Finding{fmt::format("it has {} instead of {}", counted(size->count, "byte"),
                                       wanted.size.count),
                           "reading"};
        const auto begun = partials_.find(name);
        const bool usable = begun != partials_.end() && begun->second.since <= options_.now &&
                            begun->second.hash.bytes < wanted.size.count;
        if (usable) return read(name, wanted, begun->second, begun->second.since);
        partials_.erase(name);
        if (auto finding = place_.compare(name, wanted, stop_)) {
            result_.bytes += wanted.size;
            return finding;
        }
        return read(name, wanted, partials_[name] = {options_.now, {}, false}, {});
    }

    /// \param since when an earlier call has begun to read the object
    std::optional<Finding> read(const std::string& name, const Wanted& wanted, Partial& partial,
                                const std::optional<Timestamp>& since) {
        now_.bytes += Bytes{partial.hash.bytes};
        std::optional<Digest> digest;
        try {
            while (!digest) {
                if (used_up()) return std::nullopt;
                digest = read_piece(name, wanted, partial);
            }
        } catch (const Error& error) {
            // The disk cannot read the object.
            if (error.code() != Errc::corrupt) throw;
            partials_.erase(name);
            return Finding{readable(error.text()), "reading", since};
        }
        if (*digest != wanted.sha256 && since && !partial.second) {
            now_.bytes.count -= wanted.size.count;
            partial = {options_.now, {}, true};
            if (options_.began) options_.began(name, wanted, partial);
            return read(name, wanted, partial, options_.now);
        }
        partials_.erase(name);
        return Finding{*digest == wanted.sha256 ? "" : "its contents changed", "reading", since};
    }

    /// Reads the next piece. When that is interrupted, the next call continues after the last block
    /// that came.
    /// \return the digest of the object, after its last piece
    std::optional<Digest> read_piece(const std::string& name, const Wanted& wanted,
                                     Partial& partial) {
        auto length = wanted.size.count - partial.hash.bytes;
        const bool by_parts = place_.reads_parts(stop_);
        if (by_parts) length = std::min(length, most_at_once());
        const auto begin = partial.hash.bytes;
        const bool is_last = begin + length == wanted.size.count;
        ResumableSha256 hash(partial.hash);
        const auto keep = [&] {
            if (options_.began) options_.began(name, wanted, partial);
        };
        if (length == 0) return hash.finish();
        const offsite::Part part{name, {begin}, {length}, wanted.size};
        offsite::PartCounter counter(part, place_.id());
        std::uint64_t came = 0;
        try {
            place_.read(
                part,
                [&](std::span<const std::byte> block) {
                    counter.take(came += block.size());
                    hash.update(block);
                    const auto state = hash.state();
                    if (by_parts && state) partial.hash = *state;
                    result_.bytes += Bytes{block.size()};
                    now_.bytes += Bytes{block.size()};
                    tell();
                },
                stop_);
            counter.finish(came);
        } catch (...) {
            if (partial.hash.bytes >= wanted.size.count) partial.hash = {};
            if (partial.hash.bytes != begin) keep();
            throw;
        }
        if (is_last) return hash.finish();
        keep();
        return std::nullopt;
    }

    /// A multiple of the hash's block, so that the next piece can continue.
    std::uint64_t most_at_once() const {
        if (!options_.budget) return piece;
        const auto left = options_.budget->count - result_.bytes.count;
        constexpr std::uint64_t least = std::uint64_t{4} << 20;
        return std::clamp(left, least, piece) / ResumableSha256::block * ResumableSha256::block;
    }

    Place& place_;
    const ReadOptions& options_;
    Partials& partials_;
    const std::stop_token& stop_;
    ReadProgress now_;
    ReadResult result_;
};

}  // namespace

ReadResult read_objects(Place& place, const std::vector<std::pair<std::string, Wanted>>& objects,
                        const ReadOptions& options, Partials& partials,
                        const std::stop_token& stop) {
    return Reader(place, options, partials, stop).run(objects);
}

}  // namespace mastobak::scrub
