// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/page_cache.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "core/error.hpp"
#include "core/files/unique_fd.hpp"

namespace mastobak::test {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file) {
    throw errno_error(Errc::internal, "look at the page cache of '" + file.native() + "'", errno);
}

UniqueFd open(const std::filesystem::path& file) {
    UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) fail(file);
    return fd;
}

}  // namespace

Residency residency(const std::filesystem::path& file) {
    const auto fd = open(file);
    const auto size = std::filesystem::file_size(file);
    if (size == 0) return {};
    void* const memory = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
    if (memory == MAP_FAILED) fail(file);
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::vector<unsigned char> pages((size + page - 1) / page);
    const int result = ::mincore(memory, size, pages.data());
    ::munmap(memory, size);
    if (result != 0) fail(file);
    const auto is_resident = [](unsigned char flags) { return (flags & 1) != 0; };
    return {pages.size(),
            static_cast<std::size_t>(std::count_if(pages.begin(), pages.end(), is_resident))};
}

void cache(const std::filesystem::path& file) {
    const auto fd = open(file);
    std::vector<char> block(std::size_t{1} << 20);
    while (::read(fd.get(), block.data(), block.size()) > 0) {
    }
}

bool evict(const std::filesystem::path& file) {
    const auto fd = open(file);
    ::fsync(fd.get());
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
    return residency(file).resident == 0;
}

}  // namespace mastobak::test
