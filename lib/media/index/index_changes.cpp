// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/index/index_changes.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <system_error>

#include "archive/zstd.hpp"
#include "core/error.hpp"
#include "media/index/index_lines.hpp"
#include "media/index/paths.hpp"

namespace mastobak::media {
namespace fs = std::filesystem;

namespace {

constexpr int changes_compression = 3;
constexpr std::size_t text_at_once = std::size_t{256} << 10;
/// When more than a tenth of the lines have changed, a new base costs less: if each night changes
/// half a percent of the lines, the sum of all nights is lowest at that limit.
constexpr std::uint64_t one_in = 10;
/// Fewer changes than this always cost less than a base.
constexpr std::uint64_t few = 64;

/// The file of the changes, whose lines are compressed as they come.
class ChangesFile {
 public:
    explicit ChangesFile(const fs::path& file)
        : file_(file), zstd_([this](auto data) { file_.write(data); }, changes_compression) {
        add(index_changes_header);
    }

    void add(std::string_view line) {
        text_ += line;
        text_ += '\n';
        if (text_.size() >= text_at_once) flush();
    }
    void remove(const std::string& path) {
        append_removal(text_, path);
        add("");
    }
    FileDigest finish(const IndexTotals& totals) {
        add(end_line(totals));
        flush();
        zstd_.finish();
        return {file_.size(), file_.finish()};
    }

 private:
    void flush() {
        zstd_.write(std::as_bytes(std::span(text_)));
        text_.clear();
    }

    HashingFile file_;
    archive::ZstdCompressor zstd_;
    std::string text_;
};

}  // namespace

std::optional<FileDigest> write_index_changes(const fs::path& base, const fs::path& index,
                                              const fs::path& file, const std::stop_token& stop) {
    IndexLines older(base, LinesOf::index);
    IndexLines newer(index, LinesOf::index);
    ChangesFile changes(file);
    std::uint64_t changed = 0, unchanged = 0;
    bool old = older.next_line(), now = newer.next_line();
    while (old || now) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
        const bool same = old && now && older.line() == newer.line();
        int order = 0;  // of the two paths
        if (!same)
            order = !old ? 1 : !now ? -1 : compare_paths(older.parsed().path, newer.parsed().path);
        if (order < 0)
            changes.remove(older.parsed().path);
        else if (!same)
            changes.add(newer.line());
        same ? ++unchanged : ++changed;
        if (order <= 0) old = older.next_line();
        if (order >= 0) now = newer.next_line();
    }
    auto written = changes.finish(newer.totals());
    if (changed <= std::max(few, (changed + unchanged) / one_in)) return written;
    std::error_code ignored;
    fs::remove(file, ignored);
    return std::nullopt;
}

}  // namespace mastobak::media
