// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/incoming_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "core/error.hpp"

namespace mastobak::offsite {

namespace {
constexpr std::uint64_t block_size = 1 << 20;
}

void PartCounter::take(std::uint64_t came) {
    if (came > part_.length.count)
        throw Error(Errc::offsite,
                    fmt::format("the remote '{}' sent more than {} bytes of '{}'", remote_,
                                part_.length.count, part_.name),
                    "does another program write to that remote?");
    watch_.sent({came});
}

void PartCounter::finish(std::uint64_t came) const {
    if (came != part_.length.count)
        throw Error(Errc::offsite,
                    fmt::format("the remote '{}' sent {} instead of {} bytes of '{}'", remote_,
                                came, part_.length.count, part_.name),
                    "is the object still there? check it with rclone, or on the remote itself");
}

IncomingFile::IncomingFile(const Part& part, std::filesystem::path file, std::string remote)
    : counter_(part, std::move(remote)), file_(std::move(file), Errc::offsite) {}

IncomingFile::~IncomingFile() {
    std::error_code ignored;
    if (!whole_) std::filesystem::remove(file_.path(), ignored);
}

void IncomingFile::write(std::span<const std::byte> data) {
    counter_.take(file_.size().count + data.size());
    file_.write(data);
}

void IncomingFile::copy_from(int fd, const std::filesystem::path& object,
                             const std::stop_token& stop) {
    const auto& part = counter_.part();
    std::vector<std::byte> block(std::min(block_size, part.length.count));
    while (file_.size() < part.length) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "the copy was cancelled");
        const auto size =
            std::min<std::uint64_t>(block.size(), part.length.count - file_.size().count);
        const auto n =
            read_at(fd, std::span(block).first(size), part.offset.count + file_.size().count);
        if (n < 0)
            throw errno_error(Errc::offsite, fmt::format("read '{}'", object.native()), errno);
        if (n == 0) return;  // finish() reports missing data
        write(std::span(block).first(static_cast<std::size_t>(n)));
    }
}

Digest IncomingFile::finish() {
    const auto digest = file_.close();
    counter_.finish(file_.size().count);
    whole_ = true;
    return digest;
}

}  // namespace mastobak::offsite
