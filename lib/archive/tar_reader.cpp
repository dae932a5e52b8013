// SPDX-License-Identifier: GPL-3.0-or-later
#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <utility>

#include "archive/tar.hpp"
#include "core/error.hpp"

namespace mastobak::archive {
namespace {

using Reader = struct ::archive;
using Member = struct ::archive_entry;

constexpr std::array<std::byte, 64 * 1024> zeros{};

/// Returns a name as bytes. libarchive converts UTF-8 names to the locale's encoding, and returns
/// null where it cannot represent them. Then the UTF-8 name is still available.
std::string bytes_of(const char* native, const char* utf8) {
    return native ? native : utf8 ? utf8 : "";
}

std::uint32_t narrow(la_int64_t id) {
    if (id < 0 || id > std::numeric_limits<std::uint32_t>::max())
        throw Error(Errc::corrupt, fmt::format("read a tar: owner {} is out of range", id));
    return static_cast<std::uint32_t>(id);
}

Header::Type type_of(Member* member, const std::string& path) {
    if (archive_entry_hardlink(member) || archive_entry_hardlink_utf8(member))
        return Header::Type::hardlink;
    switch (archive_entry_filetype(member)) {
        case S_IFREG:
            return Header::Type::file;
        case S_IFDIR:
            return Header::Type::directory;
        case S_IFLNK:
            return Header::Type::symlink;
        default:
            throw Error(Errc::corrupt,
                        fmt::format("read a tar: '{}' is a device, FIFO or socket", path));
    }
}

Timestamp mtime_of(Member* member) {
    return time_of_file(archive_entry_mtime(member), archive_entry_mtime_nsec(member));
}

Header header_of(Member* member) {
    Header header;
    header.path = bytes_of(archive_entry_pathname(member), archive_entry_pathname_utf8(member));
    header.type = type_of(member, header.path);
    if (header.type == Header::Type::hardlink)
        header.target =
            bytes_of(archive_entry_hardlink(member), archive_entry_hardlink_utf8(member));
    if (header.type == Header::Type::symlink)
        header.target = bytes_of(archive_entry_symlink(member), archive_entry_symlink_utf8(member));
    header.mode = archive_entry_perm(member);
    header.uid = narrow(archive_entry_uid(member));
    header.gid = narrow(archive_entry_gid(member));
    header.user = bytes_of(archive_entry_uname(member), archive_entry_uname_utf8(member));
    header.group = bytes_of(archive_entry_gname(member), archive_entry_gname_utf8(member));
    header.mtime = mtime_of(member);
    header.size = static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_entry_size(member)));

    la_int64_t offset = 0;
    la_int64_t length = 0;
    archive_entry_sparse_reset(member);
    while (archive_entry_sparse_next(member, &offset, &length) == ARCHIVE_OK)
        header.data_ranges.emplace_back(offset, length);
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    archive_entry_xattr_reset(member);
    while (archive_entry_xattr_next(member, &name, &value, &size) == ARCHIVE_OK)
        header.xattrs.emplace_back(name, std::string(static_cast<const char*>(value), size));
    return header;
}

}  // namespace

struct TarReader::Impl {
    Source source;
    std::stop_token stop;
    std::exception_ptr failure;  ///< exception of the source, which must not pass through C code
    Reader* reader = archive_read_new();
    std::uint64_t size = 0;              ///< size of the member's contents
    std::uint64_t position = 0;          ///< offset in the contents
    std::span<const std::byte> pending;  ///< the block after a hole
    std::uint64_t pending_offset = 0;

    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { archive_read_free(reader); }

    static la_ssize_t on_read(Reader*, void* self, const void** data) {
        auto& impl = *static_cast<Impl*>(self);
        try {
            const auto block = impl.source();
            *data = block.data();
            return static_cast<la_ssize_t>(block.size());
        } catch (...) {
            impl.failure = std::current_exception();
            return -1;
        }
    }

    void must(int result) {
        if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
        if (result >= ARCHIVE_WARN) return;
        const char* why = archive_error_string(reader);
        throw Error(Errc::corrupt, fmt::format("read a tar: {}", why ? why : "unknown"));
    }

    std::span<const std::byte> hole(std::uint64_t until) {
        const auto length = std::min<std::uint64_t>(until - position, zeros.size());
        position += length;
        return std::span(zeros).first(length);
    }
};

TarReader::TarReader(Source source, std::stop_token stop) : impl_(std::make_unique<Impl>()) {
    impl_->source = std::move(source);
    impl_->stop = std::move(stop);
    impl_->must(archive_read_support_format_tar(impl_->reader));
    impl_->must(archive_read_open(impl_->reader, impl_.get(), nullptr, &Impl::on_read, nullptr));
}

TarReader::~TarReader() = default;

std::optional<Header> TarReader::next() {
    Member* member = nullptr;
    const int result = archive_read_next_header(impl_->reader, &member);
    if (result == ARCHIVE_EOF) return std::nullopt;
    impl_->must(result);
    auto header = header_of(member);
    impl_->size = header.size;
    impl_->position = 0;
    impl_->pending = {};
    return header;
}

std::span<const std::byte> TarReader::data() {
    auto& self = *impl_;
    if (self.stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
    while (self.pending.empty()) {
        const void* block = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int result = archive_read_data_block(self.reader, &block, &size, &offset);
        if (result == ARCHIVE_EOF) {
            if (self.position < self.size) return self.hole(self.size);
            return {};
        }
        self.must(result);
        self.pending = {static_cast<const std::byte*>(block), size};
        self.pending_offset = static_cast<std::uint64_t>(offset);
    }
    if (self.pending_offset > self.position) return self.hole(self.pending_offset);
    self.position += self.pending.size();
    return std::exchange(self.pending, {});
}

}  // namespace mastobak::archive
