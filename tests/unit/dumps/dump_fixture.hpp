// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/files/files.hpp"
#include "dumps/read_dump.hpp"
#include "dumps/writers.hpp"
#include "support/temporary_directory.hpp"

namespace mastobak::test {

/// Rows of a table as a dump has them: an ID, a text, a counter.
inline std::vector<std::string> some_rows(std::uint64_t first, std::size_t count) {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < count; ++i) {
        std::string row = fmt::format("{}\t", 109'000'000'000'000'000 + (first + i) * 65536);
        std::uint64_t random = first + i + 1;
        for (int word = 0; word < 12; ++word) {
            random = random * 0x5851f42d4c957f2d + 0x14057b7ef767814f;
            row += fmt::format("{:x} ", random >> 40);
        }
        rows.push_back(row + "\t0\n");
    }
    return rows;
}

inline std::string table_of(const std::vector<std::string>& rows) {
    std::string text;
    for (const auto& row : rows) text += row;
    return text + "\\.\n\n\n";
}

/// Writes dumps into a directory and reads them again.
class DumpFixture {
 public:
    const TemporaryDirectory directory;

    /// Writes a base in blocks of an odd size.
    dumps::WrittenFile base(const std::string& dump, const std::string& name = "base") const {
        return write(*dumps::write_base(directory / name, 3, 2), dump).at(0);
    }
    dumps::BaseReference reference(const dumps::WrittenFile& base) const {
        return {base.path, base.path.filename(), base.sha256};
    }
    std::vector<dumps::WrittenFile> difference(const dumps::WrittenFile& base,
                                               const std::string& dump,
                                               const std::string& name = "difference") const {
        return write(*dumps::write_difference(reference(base), directory / name), dump);
    }
    static dumps::StoredDump stored(const dumps::WrittenFile& base,
                                    const std::vector<dumps::WrittenFile>& difference) {
        return {difference.at(0).path, difference.at(1).path, base.path, base.path.filename(),
                base.sha256};
    }
    static std::string read(const dumps::StoredDump& dump) {
        std::string text;
        const auto source = dumps::read_dump(dump, dumps::DumpDigest::check);
        for (auto block = source(); !block.empty(); block = source())
            text.append(reinterpret_cast<const char*>(block.data()), block.size());
        return text;
    }

 private:
    static std::vector<dumps::WrittenFile> write(dumps::DumpWriter& writer,
                                                 const std::string& dump) {
        constexpr std::size_t block = 65'521;
        const auto bytes = std::as_bytes(std::span(dump));
        for (std::size_t at = 0; at < bytes.size(); at += block)
            writer.write(bytes.subspan(at, std::min(block, bytes.size() - at)));
        return writer.finish();
    }
};

}  // namespace mastobak::test
