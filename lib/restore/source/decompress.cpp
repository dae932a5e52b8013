// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/source/decompress.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "core/error.hpp"
#include "core/files/files.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

/// The number of bytes after which the free room is checked again.
constexpr std::uint64_t look_every = std::uint64_t{64} << 20;

void require_free(const fs::path& file, Bytes min_free) {
    const auto free = free_space(file.parent_path(), Errc::environment);
    if (free >= min_free) return;
    throw Error(Errc::environment,
                fmt::format("'{}' now has only {} free, less than staging.min_free ({})",
                            file.parent_path().native(), to_string(free), to_string(min_free)),
                "make room there");
}

void copy_all(const dumps::StoredDump& from, const fs::path& to, Bytes size, Bytes min_free,
              const std::function<void(Bytes)>& on_bytes, const std::stop_token& stop) {
    const UniqueFd file(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) throw errno_error(Errc::environment, fmt::format("make '{}'", to.native()), errno);
    const auto read = dumps::read_dump(from);
    Bytes written;
    for (auto block = read(); !block.empty(); block = read()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (block.size() > size.count - written.count)
            throw Error(Errc::corrupt,
                        fmt::format("'{}' holds more than the {} that the manifest says",
                                    from.file.native(), to_string(size)));
        if (written.count / look_every != (written.count + block.size()) / look_every)
            require_free(to, min_free);
        write_all(file.get(), block, to.native(), Errc::environment);
        written.count += block.size();
        if (on_bytes) on_bytes(written);
    }
}

}  // namespace

void decompress(const dumps::StoredDump& from, const fs::path& to, Bytes size, Bytes min_free,
                const std::function<void(Bytes)>& on_bytes, std::stop_token stop) {
    try {
        copy_all(from, to, size, min_free, on_bytes, stop);
    } catch (...) {
        std::error_code ignored;
        fs::remove(to, ignored);
        throw;
    }
}

}  // namespace mastobak::restore
