// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/tree/member_restorer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "restore/tree/file_beside.hpp"

namespace mastobak::restore {

namespace {

constexpr std::size_t block_size = 256 * 1024;

void stop_if(const std::stop_token& stop) {
    if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
}

/// Returns how a header differs from the index; empty when they agree. The name may differ, because
/// a copy or hard link uses the member of another file; the hash decides about the contents.
std::string contradiction(const archive::Header& header, const media::Entry& entry) {
    if (header.type != archive::Header::Type::file) return "the member is not a file";
    if (header.size != entry.size)
        return fmt::format("the member has {} instead of {}", counted(header.size, "byte"),
                           entry.size);
    return {};
}

}  // namespace

MemberRestorer::MemberRestorer(const TargetTree& target, std::optional<Owner> owner,
                               LostAttributes& lost, std::stop_token stop)
    : target_(target), owner_(owner), lost_(lost), stop_(std::move(stop)), block_(block_size) {}

int MemberRestorer::directory_of(const media::Entry& entry) {
    const auto path = parent_of(entry.path);
    if (!open_ || open_path_ != path) {
        open_ = target_.directory(path);
        open_path_ = path;
    }
    return open_.get();
}

bool MemberRestorer::restore(const media::Entry& entry, PackPart& part) {
    const auto rights = target_.rights();
    const int directory = directory_of(entry);
    if (!target_.was_empty() && is_there(directory, entry)) return false;
    auto at = entry.offset;
    const auto end = entry.offset + entry.stored;
    archive::TarReader tar(
        [&]() -> std::span<const std::byte> {
            stop_if(stop_);
            const WithRightsOf ourselves(FileRights{});  // the tree's owner may not read packs
            const auto want = std::min<std::uint64_t>(end - at, block_.size());
            const auto n = part.read(at, std::span(block_).first(want));
            at += n;
            return std::span(block_).first(n);
        },
        stop_);
    const auto header = tar.next();
    if (!header) throw Error(Errc::corrupt, "the file is not in the pack");
    if (const auto problem = contradiction(*header, entry); !problem.empty())
        throw Error(Errc::corrupt, problem);
    write(directory, entry, tar, *header);
    return true;
}

bool MemberRestorer::is_there(int directory, const media::Entry& entry) {
    const std::string name(name_of(entry.path));
    UniqueFd fd(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) < 0 || !S_ISREG(status.st_mode) ||
        static_cast<std::uint64_t>(status.st_size) != entry.size)
        return false;
    // Another user's file is replaced, because its mode and times cannot be set.
    if (!is_ours(status, entry, owner_)) return false;
    hash_.finish();
    while (true) {
        stop_if(stop_);
        const auto n = ::read(fd.get(), block_.data(), block_.size());
        if (n < 0) return false;
        if (n == 0) break;
        hash_.update(std::span(block_).first(static_cast<std::size_t>(n)));
    }
    if (hash_.finish() != entry.sha256) return false;
    set_attributes(fd.get(), entry, owner_, &lost_);
    return true;
}

void MemberRestorer::write(int directory, const media::Entry& entry, archive::TarReader& tar,
                           const archive::Header& header) {
    FileBeside file(directory, entry.path);
    hash_.finish();  // discards a hash that was not finished
    for (auto block = tar.data(); !block.empty(); block = tar.data()) {
        hash_.update(block);
        if (header.data_ranges.empty())
            file.write(block);
        else
            file.write_sparse(block);
    }
    if (hash_.finish() != entry.sha256)
        throw Error(Errc::corrupt, "its contents have a different SHA-256");
    if (!entry.copy) set_xattrs(file.fd(), header.xattrs, entry, lost_);
    set_attributes(file.fd(), entry, owner_, &lost_);
    file.place();
}

}  // namespace mastobak::restore
