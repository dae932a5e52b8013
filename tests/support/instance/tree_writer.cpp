// SPDX-License-Identifier: GPL-3.0-or-later
#include "tree_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "core/error.hpp"
#include "core/files/files.hpp"

namespace mastobak::instance {
namespace {

/// Makes a directory and its parents, from the leaf up, because most of them exist, or only a few
/// levels are missing.
void make_directory(int root, const std::string& path) {
    if (::mkdirat(root, path.c_str(), 0755) == 0 || errno == EEXIST) return;
    const std::size_t slash = path.rfind('/');
    if (errno != ENOENT || slash == std::string::npos)
        throw errno_error(Errc::environment, "make directory '" + path + "'", errno);
    make_directory(root, path.substr(0, slash));
    if (::mkdirat(root, path.c_str(), 0755) != 0 && errno != EEXIST)
        throw errno_error(Errc::environment, "make directory '" + path + "'", errno);
}

}  // namespace

TreeWriter::TreeWriter(const std::string& root, std::uint64_t seed)
    : root_(root), random_(seed), block_(std::size_t{1} << 18) {
    directory_.reset(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory_) throw errno_error(Errc::environment, "open '" + root + "'", errno);
}

UniqueFd TreeWriter::open(const std::string& path) {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    UniqueFd fd(::openat(directory_.get(), path.c_str(), flags, 0644));
    if (!fd && errno == ENOENT) {
        make_directory(directory_.get(), path.substr(0, path.rfind('/')));
        fd.reset(::openat(directory_.get(), path.c_str(), flags, 0644));
    }
    if (!fd) throw errno_error(Errc::environment, "create '" + root_ + '/' + path + "'", errno);
    return fd;
}

void TreeWriter::write(const File& file) {
    const UniqueFd fd = open(file.path);
    for (std::uint64_t left = file.size; left > 0;) {
        const auto part = std::span(block_).first(std::min<std::uint64_t>(left, block_.size()));
        random_.fill(part);
        write_all(fd.get(), part, file.path, Errc::environment);
        left -= part.size();
    }
}

}  // namespace mastobak::instance
