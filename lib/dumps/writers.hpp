// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"

namespace mastobak::dumps {

/// A file that a writer has written.
struct WrittenFile {
    std::filesystem::path path{};
    Bytes size{};
    Digest sha256{};
};

/// A base in staging, which a difference can refer to.
struct BaseReference {
    std::filesystem::path path{};
    std::string name{};  ///< "20261122T030000Z-database.dump.zst"
    Digest sha256{};
};

/// Takes the bytes of a dump in order, compresses them in threads of its own, and writes files. The
/// destructor removes the files unless finish() has returned. For one thread at a time.
class DumpWriter {
 public:
    virtual ~DumpWriter() = default;
    DumpWriter(const DumpWriter&) = delete;
    DumpWriter& operator=(const DumpWriter&) = delete;

    /// Throws Error{staging} when the disk is full, Error{corrupt} when the base is damaged.
    virtual void write(std::span<const std::byte> bytes) = 0;
    /// Ends the dump, and fsyncs its files. Throws as write() does.
    /// \return the file of the base or difference; for a difference, its list second
    virtual std::vector<WrittenFile> finish() = 0;

 protected:
    DumpWriter() = default;
};

/// Writes a base.
/// \param file    new file
/// \param level   compression level of zstd
/// \param threads number of threads that compress
std::unique_ptr<DumpWriter> write_base(const std::filesystem::path& file, int level, int threads);

/// Writes a difference. Its thread also reads the base. It has the lowest compression level: most of
/// a segment is found in the base, where higher levels are slower, and not smaller.
/// \param file new file; the list is beside it, with list_suffix
/// Throws Error{corrupt} when the base cannot be read.
std::unique_ptr<DumpWriter> write_difference(const BaseReference& base,
                                             const std::filesystem::path& file);

/// The name of a difference's list is that of the difference with this suffix.
inline constexpr auto list_suffix = ".list";

}  // namespace mastobak::dumps
