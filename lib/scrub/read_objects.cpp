// SPDX-License-Identifier: GPL-3.0-or-later
#include "scrub/read_objects.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/readable.hpp"

namespace mastobak::scrub {
namespace {

/// A large object is read in pieces of this size; each piece is a request, or starts a program.
constexpr std::uint64_t piece = std::uint64_t{256} << 20;

class Reader {
 public:
    Reader(Place& place, const ReadOptions& options, std::optional<Partial>& partial,
           const std::stop_token& stop)
        : place_(place), options_(options), partial_(partial), stop_(stop) {}

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
                partial_.reset();
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
        const bool begun = partial_ && partial_->name == name && partial_->sha256 == wanted.sha256;
        if (!begun) {
            partial_.reset();
            if (auto finding = place_.compare(name, wanted, stop_)) {
                result_.bytes += wanted.size;
                return finding;
            }
            partial_.emplace(Partial{name, wanted.sha256, 0, {}});
        }
        return read(name, wanted);
    }

    std::optional<Finding> read(const std::string& name, const Wanted& wanted) {
        const auto size = wanted.size.count;
        now_.bytes += Bytes{partial_->done};
        try {
            while (partial_->done < size) {
                if (used_up()) return std::nullopt;
                auto length = size - partial_->done;
                if (place_.reads_parts()) length = std::min(length, most_at_once());
                // A piece that is interrupted is read again from its beginning.
                auto hash = partial_->hash;
                place_.read(
                    {name, {partial_->done}, {length}, wanted.size},
                    [&](std::span<const std::byte> block) {
                        hash.update(block);
                        result_.bytes += Bytes{block.size()};
                        now_.bytes += Bytes{block.size()};
                        tell();
                    },
                    stop_);
                partial_->hash = hash;
                partial_->done += length;
            }
        } catch (const Error& error) {
            // The disk cannot read the object.
            if (error.code() != Errc::corrupt) throw;
            partial_.reset();
            return Finding{readable(error.text()), "reading"};
        }
        const bool same = partial_->hash.finish() == wanted.sha256;
        partial_.reset();
        return Finding{same ? "" : "its contents changed", "reading"};
    }

    std::uint64_t most_at_once() const {
        if (!options_.budget) return piece;
        const auto left = options_.budget->count - result_.bytes.count;
        constexpr std::uint64_t least = std::uint64_t{4} << 20;
        return std::clamp(left, least, piece);
    }

    Place& place_;
    const ReadOptions& options_;
    std::optional<Partial>& partial_;
    const std::stop_token& stop_;
    ReadProgress now_;
    ReadResult result_;
};

}  // namespace

ReadResult read_objects(Place& place, const std::vector<std::pair<std::string, Wanted>>& objects,
                        const ReadOptions& options, std::optional<Partial>& partial,
                        const std::stop_token& stop) {
    return Reader(place, options, partial, stop).run(objects);
}

}  // namespace mastobak::scrub
