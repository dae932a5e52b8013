// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/drill_media.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "core/error.hpp"
#include "core/readable.hpp"
#include "restore/drill/media_sample.hpp"
#include "restore/tree/restore_media.hpp"

namespace mastobak::restore {
namespace fs = std::filesystem;

namespace {

double ratio(std::uint64_t of, std::uint64_t part) {
    return part == 0 ? 1 : static_cast<double>(of) / static_cast<double>(part);
}

/// Many small files take their time by their number, few large ones by their size.
std::chrono::nanoseconds projected(std::chrono::nanoseconds took, const MediaSample& sample) {
    const auto times = std::max(ratio(sample.of_files, sample.files),
                                ratio(sample.of_bytes.count, sample.bytes.count));
    return std::chrono::duration_cast<std::chrono::nanoseconds>(took * times);
}

}  // namespace

postgres::Check check_packs(const store::Manifest& manifest, PackSource& packs) {
    postgres::Check check{.name = "packs"};
    Bytes bytes;
    for (const auto& pack : manifest.media.packs) {
        const auto size = packs.size_of(pack.name);
        if (!size)
            postgres::add_problem(check, fmt::format("pack '{}' is missing", pack.name));
        else if (*size != pack.size)
            postgres::add_problem(check, fmt::format("pack '{}' has {} bytes, not {}", pack.name,
                                                     size->count, pack.size.count));
        bytes += pack.size;
    }
    check.figure =
        fmt::format("{}, {}", counted(manifest.media.packs.size(), "pack"), to_string(bytes));
    return check;
}

DrilledMedia drill_media(const fs::path& index, PackSource& packs, const DrillOptions& options,
                         const fs::path& directory, const OnDrillProgress& progress,
                         const std::stop_token& stop) {
    DrilledMedia drilled;
    const auto sample =
        choose_sample(index, options.media_sample, options.media_minimum, directory, stop);
    const auto target = directory / "media";
    const auto began = std::chrono::steady_clock::now();
    std::uint64_t before = 0;  // files of the pieces that are done
    for (const auto& piece : sample.pieces) {
        const auto tell = [&](const MediaProgress& now) {
            if (!progress) return;
            const auto done = before + now.files;
            progress({"media", ratio(done, sample.files),
                      fmt::format("{} of {} files", done, sample.files)});
        };
        const auto report = restore_media({.index = piece,
                                           .target = target,
                                           .scratch = directory / "lists",
                                           .threads = options.jobs},
                                          packs, tell, stop);
        for (const auto& problem : report.problems) postgres::add_problem(drilled.check, problem);
        drilled.check.problem_count += report.problem_count - report.problems.size();
        before += report.files + report.problem_count;
        fs::remove_all(target);
    }
    drilled.check.figure = fmt::format("{} of {} files, {} of {}", sample.files, sample.of_files,
                                       to_string(sample.bytes), to_string(sample.of_bytes));
    if (drilled.check.verdict == postgres::Verdict::good)
        drilled.all_of_them = projected(std::chrono::steady_clock::now() - began, sample);
    return drilled;
}

}  // namespace mastobak::restore
