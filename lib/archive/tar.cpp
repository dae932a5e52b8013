// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/tar.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <limits>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/process/accounts.hpp"

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

// Aliases for libarchive's C types, as our namespace `archive` hides the name.
using Writer = struct ::archive;

mode_t file_type(Header::Type type) {
    switch (type) {
        case Header::Type::directory:
            return S_IFDIR;
        case Header::Type::symlink:
            return S_IFLNK;
        case Header::Type::file:
        case Header::Type::hardlink:
            break;
    }
    return S_IFREG;
}

void fill(Member* member, const Header& header) {
    archive_entry_clear(member);
    archive_entry_set_pathname(member, header.path.c_str());
    archive_entry_set_filetype(member, file_type(header.type));
    archive_entry_set_perm(member, header.mode);
    archive_entry_set_uid(member, header.uid);
    archive_entry_set_gid(member, header.gid);
    if (!header.user.empty()) archive_entry_set_uname(member, header.user.c_str());
    if (!header.group.empty()) archive_entry_set_gname(member, header.group.c_str());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(header.mtime);
    archive_entry_set_mtime(member, seconds.time_since_epoch().count(),
                            static_cast<long>((header.mtime - seconds).count()));
    if (header.type == Header::Type::symlink)
        archive_entry_set_symlink(member, header.target.c_str());
    if (header.type == Header::Type::hardlink)
        archive_entry_set_hardlink(member, header.target.c_str());
    archive_entry_set_size(member, static_cast<la_int64_t>(header.size));
    for (const auto& [offset, length] : header.data_ranges)
        archive_entry_sparse_add_entry(member, static_cast<la_int64_t>(offset),
                                       static_cast<la_int64_t>(length));
    for (const auto& [name, value] : header.xattrs)
        archive_entry_xattr_add_entry(member, name.c_str(), value.data(), value.size());
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

bool is_ascii(const Header& header) {
    return is_ascii(header.path) && is_ascii(header.target) && is_ascii(header.user) &&
           is_ascii(header.group);
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

/// Two libarchive writers that write alternate members of one tar. libarchive would convert names
/// that are not ASCII from the locale to UTF-8, which fails for names that are not valid text. The
/// option hdrcharset=BINARY prevents that. But GNU tar prints a warning for each member with that
/// record, so other members should not have it, and the option applies to a whole writer only.
struct TarWriter::Impl {
    Sink sink;
    std::exception_ptr failure;  ///< exception of the sink, which must not pass through C code
    bool abandoned = false;
    std::uint64_t position = 0;
    std::uint64_t missing = 0;  ///< contents still to come
    std::string path;
    Writer* text = archive_write_new();
    Writer* binary = archive_write_new();
    Writer* writer = text;  ///< writer of the current member
    Member* member = archive_entry_new();

    Impl() {
        open(text, "xattrheader=SCHILY");
        open(binary, "xattrheader=SCHILY,hdrcharset=BINARY");
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() {
        // archive_write_free() would write the end of the archive, but the sink may not exist any
        // more.
        abandoned = true;
        archive_write_free(text);
        archive_write_free(binary);
        archive_entry_free(member);
    }

    void open(Writer* w, const char* options) {
        writer = w;
        must(archive_write_set_format_pax(w));
        must(archive_write_set_options(w, options));
        // Passes blocks on without buffering, and adds only the two zero blocks at the end.
        must(archive_write_set_bytes_per_block(w, 0));
        must(archive_write_set_bytes_in_last_block(w, 1));
        must(archive_write_open(w, this, nullptr, &Impl::on_write, nullptr));
    }

    /// Never reports a failure to libarchive, which would then leak the state of its output. must()
    /// throws the exception after the C code has returned.
    static la_ssize_t on_write(Writer*, void* self, const void* data, std::size_t size) {
        auto& impl = *static_cast<Impl*>(self);
        if (!impl.abandoned && !impl.failure) {
            try {
                impl.sink({static_cast<const std::byte*>(data), size});
                impl.position += size;
            } catch (...) {
                impl.failure = std::current_exception();
            }
        }
        return static_cast<la_ssize_t>(size);
    }

    void must(la_ssize_t result) {
        if (failure) std::rethrow_exception(failure);
        if (result >= ARCHIVE_WARN) return;
        const char* why = archive_error_string(writer);
        throw Error(Errc::internal, fmt::format("archive '{}': {}", path, why ? why : "unknown"));
    }
};

TarWriter::TarWriter(Sink sink) : impl_(std::make_unique<Impl>()) {
    impl_->sink = std::move(sink);
}

TarWriter::~TarWriter() = default;

void TarWriter::begin(const Header& header) {
    impl_->path = header.path;
    impl_->missing = header.size;
    fill(impl_->member, header);
    impl_->writer = is_ascii(header) ? impl_->text : impl_->binary;
    impl_->must(archive_write_header(impl_->writer, impl_->member));
}

void TarWriter::data(std::span<const std::byte> block) {
    if (block.size() > impl_->missing)
        throw Error(Errc::internal,
                    fmt::format("archive '{}': more data than announced", impl_->path));
    impl_->missing -= block.size();
    // libarchive accepts less than the whole block at the end of a range of a sparse file.
    while (!block.empty()) {
        const auto taken = archive_write_data(impl_->writer, block.data(), block.size());
        impl_->must(taken);
        if (taken <= 0)
            throw Error(Errc::internal, fmt::format("archive '{}': data refused", impl_->path));
        block = block.subspan(static_cast<std::size_t>(taken));
    }
}

void TarWriter::end() {
    // libarchive would fill up the contents with zeros without an error.
    if (impl_->missing > 0)
        throw Error(Errc::internal,
                    fmt::format("archive '{}': less data than announced", impl_->path));
    impl_->must(archive_write_finish_entry(impl_->writer));
}

std::uint64_t TarWriter::position() const {
    return impl_->position;
}

void TarWriter::finish() {
    impl_->must(archive_write_close(impl_->writer));
}

const std::string& Owners::user(std::uint32_t uid) {
    const auto [known, is_new] = users_.try_emplace(uid);
    if (is_new)
        if (const auto account = account_of(uid)) known->second = account->name;
    return known->second;
}

const std::string& Owners::group(std::uint32_t gid) {
    const auto [known, is_new] = groups_.try_emplace(gid);
    if (is_new) known->second = group_name(gid).value_or("");
    return known->second;
}

}  // namespace mastobak::archive
