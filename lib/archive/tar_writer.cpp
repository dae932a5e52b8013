// SPDX-License-Identifier: GPL-3.0-or-later
#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <string_view>
#include <utility>

#include "archive/tar.hpp"
#include "core/error.hpp"

namespace mastobak::archive {
namespace {

// Aliases for libarchive's C types, as our namespace `archive` hides the name.
using Writer = struct ::archive;
using Member = struct ::archive_entry;

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

}  // namespace mastobak::archive
