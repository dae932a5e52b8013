// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/decompress.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

void copy_all(const fs::path& from, const fs::path& to, Bytes size,
              const std::function<void(Bytes)>& on_bytes, const std::stop_token& stop) {
    const UniqueFd file(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) throw errno_error(Errc::environment, fmt::format("make '{}'", to.native()), errno);
    archive::ZstdDecompressor source(archive::file_source(from));
    Bytes written;
    for (auto block = source.read(); !block.empty(); block = source.read()) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        if (block.size() > size.count - written.count)
            throw Error(Errc::corrupt,
                        fmt::format("'{}' holds more than the {} that the manifest says",
                                    from.native(), to_string(size)));
        write_all(file.get(), block, to.native(), Errc::environment);
        written.count += block.size();
        if (on_bytes) on_bytes(written);
    }
}

}  // namespace

void decompress(const fs::path& from, const fs::path& to, Bytes size,
                const std::function<void(Bytes)>& on_bytes, std::stop_token stop) {
    try {
        copy_all(from, to, size, on_bytes, stop);
    } catch (...) {
        std::error_code ignored;
        fs::remove(to, ignored);
        throw;
    }
}

}  // namespace mastobak::restore
