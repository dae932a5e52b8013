// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/tree/tree_finisher.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <span>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "media/read/media_file.hpp"
#include "media/tree/directory.hpp"
#include "restore/tree/file_beside.hpp"

namespace mastobak::restore {

namespace {

bool is_in(std::string_view path, std::string_view directory) {
    return path.size() > directory.size() && path.starts_with(directory) &&
           path[directory.size()] == '/';
}

bool is_symlink_to(int directory, const std::string& name, const std::string& target) {
    std::array<char, PATH_MAX> there{};
    const auto n = ::readlinkat(directory, name.c_str(), there.data(), there.size());
    return n >= 0 && std::string_view(there.data(), static_cast<std::size_t>(n)) == target;
}

bool is_same_file(int a_directory, const std::string& a, int b_directory, const std::string& b) {
    struct stat first {};
    struct stat second {};
    return ::fstatat(a_directory, a.c_str(), &first, AT_SYMLINK_NOFOLLOW) == 0 &&
           ::fstatat(b_directory, b.c_str(), &second, AT_SYMLINK_NOFOLLOW) == 0 &&
           first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

}  // namespace

TreeFinisher::TreeFinisher(const TargetTree& target, const Selection& selection,
                           std::optional<Owner> owner, LostAttributes& lost, OnProblem on_problem,
                           std::stop_token stop)
    : target_(target),
      selection_(selection),
      owner_(owner),
      lost_(lost),
      on_problem_(std::move(on_problem)),
      stop_(std::move(stop)) {}

void TreeFinisher::add(const media::Entry& entry) {
    const auto rights = target_.rights();
    leave_until(entry.path);
    if (!selection_.has(entry.path)) return;
    try {
        make(entry);
    } catch (const Error& error) {
        if (error.code() != Errc::media) throw;
        on_problem_(entry, error.text());
    }
}

void TreeFinisher::make(const media::Entry& entry) {
    switch (entry.type) {
        case media::EntryType::directory:
            return add_directory(entry);
        case media::EntryType::symlink:
            return add_symlink(entry);
        case media::EntryType::hardlink:
            // A link whose target is not selected was restored as a file of its own (PackLists).
            if (selection_.has(entry.target)) add_hardlink(entry);
            return;
        case media::EntryType::file:
            return;
    }
}

void TreeFinisher::finish() {
    const auto rights = target_.rights();
    while (!open_.empty()) leave();
}

void TreeFinisher::add_directory(const media::Entry& entry) {
    open_.push_back({entry, target_.directory(entry.path)});
    ++directories_;
}

void TreeFinisher::add_symlink(const media::Entry& entry) {
    const int directory = directory_of(entry);
    const std::string name(name_of(entry.path));
    if (!is_symlink_to(directory, name, entry.target)) {
        const auto beside = name_beside(name);
        if (::unlinkat(directory, beside.c_str(), 0) < 0 && errno != ENOENT)
            throw_target_error("replace", entry.path, errno);
        if (::symlinkat(entry.target.c_str(), directory, beside.c_str()) < 0) {
            if (lost_.count_refused_link(LostAttributes::Kind::symlink, errno)) return;
            throw_target_error("make symlink", entry.path, errno);
        }
        replace(beside, entry, directory);
    }
    set_symlink_attributes(directory, name, entry, owner_, &lost_);
    ++links_;
}

void TreeFinisher::add_hardlink(const media::Entry& entry) {
    const int directory = directory_of(entry);
    const std::string name(name_of(entry.path));
    const auto above_target = target_.existing_directory(parent_of(entry.target));
    if (!above_target) throw_target_error("link to", entry.target, errno);
    const std::string target(name_of(entry.target));
    if (is_same_file(directory, name, above_target.get(), target)) return;
    const auto beside = name_beside(name);
    if (::unlinkat(directory, beside.c_str(), 0) < 0 && errno != ENOENT)
        throw_target_error("replace", entry.path, errno);
    // Without AT_SYMLINK_FOLLOW, linkat does not follow a symlink in the target's place.
    if (::linkat(above_target.get(), target.c_str(), directory, beside.c_str(), 0) < 0) {
        if (!lost_.count_refused_link(LostAttributes::Kind::link, errno))
            throw_target_error("link", entry.path, errno);
        return copy(entry, above_target.get(), target);
    }
    replace(beside, entry, directory);
    ++links_;
}

void TreeFinisher::copy(const media::Entry& entry, int from_directory, const std::string& from) {
    const UniqueFd source(
        ::openat(from_directory, from.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!source || ::fstat(source.get(), &status) < 0)
        throw_target_error("read", entry.target, errno);
    if (!S_ISREG(status.st_mode)) throw_target_error("read", entry.target, EINVAL);
    FileBeside beside(directory_of(entry), entry.path);
    std::vector<std::byte> block(std::size_t{1} << 18);
    for (std::uint64_t left = static_cast<std::uint64_t>(status.st_size); left > 0;) {
        if (stop_.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        // Reads no more than the size, even if another process appends to the file.
        const auto n =
            ::read(source.get(), block.data(), std::min<std::size_t>(left, block.size()));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw_target_error("read", entry.target, errno);
        if (n == 0) break;
        beside.write_sparse(std::span(block).first(static_cast<std::size_t>(n)));
        left -= static_cast<std::uint64_t>(n);
    }
    set_attributes(beside.fd(), entry, owner_, &lost_);
    set_xattrs(beside.fd(), media::xattrs_of(source.get()), entry, lost_);
    beside.place();
    ++links_;
}

void TreeFinisher::replace(const std::string& beside, const media::Entry& entry, int directory) {
    const std::string name(name_of(entry.path));
    if (::renameat(directory, beside.c_str(), directory, name.c_str()) == 0) return;
    const int error = errno;
    ::unlinkat(directory, beside.c_str(), 0);
    throw_target_error("put in place", entry.path, error);
}

int TreeFinisher::directory_of(const media::Entry& entry) {
    if (!open_.empty() && open_.back().entry.path == parent_of(entry.path))
        return open_.back().fd.get();
    above_ = target_.directory(parent_of(entry.path));
    return above_.get();
}

void TreeFinisher::leave_until(std::string_view path) {
    while (!open_.empty() && !is_in(path, open_.back().entry.path)) leave();
}

void TreeFinisher::leave() {
    const auto done = std::move(open_.back());
    open_.pop_back();
    try {
        struct stat status {};
        if (::fstat(done.fd.get(), &status) < 0)
            throw_target_error("look at", done.entry.path, errno);
        if (!is_ours(status, done.entry, owner_)) return;
        set_attributes(done.fd.get(), done.entry, owner_, &lost_);
        // Set last, because files that are created later inherit a default ACL.
        set_xattrs(done.fd.get(), media::decode_xattrs(done.entry.target), done.entry, lost_);
    } catch (const Error& error) {
        if (error.code() != Errc::media && error.code() != Errc::corrupt) throw;
        on_problem_(done.entry, error.text());
    }
}

}  // namespace mastobak::restore
