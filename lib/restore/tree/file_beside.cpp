// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/tree/file_beside.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/crypto/sha256.hpp"
#include "core/files/files.hpp"
#include "restore/tree/target_tree.hpp"

namespace mastobak::restore {

namespace {

constexpr std::size_t hole = 4096;  ///< most file systems cannot store smaller holes

}  // namespace

std::string name_beside(std::string_view name) {
    Sha256 hash;
    hash.update(std::as_bytes(std::span(name)));
    return ".mastobak-" + to_hex(hash.finish()).substr(0, 20);
}

FileBeside::FileBeside(int directory, std::string_view path)
    : directory_(directory), path_(path), beside_(name_beside(name_of(path))) {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    fd_ = UniqueFd(::openat(directory_, beside_.c_str(), flags, 0600));
    if (!fd_ && errno == EEXIST && ::unlinkat(directory_, beside_.c_str(), 0) == 0)
        fd_ = UniqueFd(::openat(directory_, beside_.c_str(), flags, 0600));
    if (!fd_) throw_target_error("make", path_, errno);
}

FileBeside::~FileBeside() {
    if (!placed_ && fd_) ::unlinkat(directory_, beside_.c_str(), 0);
}

void FileBeside::write(std::span<const std::byte> data) {
    write_all(fd_.get(), data, path_, Errc::environment);
    size_ += data.size();
}

void FileBeside::write_sparse(std::span<const std::byte> data) {
    while (!data.empty()) {
        const auto part = data.first(std::min(hole, data.size()));
        if (std::all_of(part.begin(), part.end(), [](std::byte b) { return b == std::byte(0); })) {
            size_ += part.size();
            if (::lseek(fd_.get(), static_cast<off_t>(size_), SEEK_SET) < 0)
                throw_target_error("write", path_, errno);
        } else {
            write(part);
        }
        data = data.subspan(part.size());
    }
    // Only the size makes a hole at the end.
    if (::ftruncate(fd_.get(), static_cast<off_t>(size_)) < 0)
        throw_target_error("write", path_, errno);
}

void FileBeside::place() {
    const std::string name(name_of(path_));
    if (::renameat(directory_, beside_.c_str(), directory_, name.c_str()) < 0)
        throw_target_error("put in place", path_, errno);
    placed_ = true;
}

}  // namespace mastobak::restore
