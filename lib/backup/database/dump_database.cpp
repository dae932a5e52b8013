// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/database/dump_database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "backup/database/look_at_database.hpp"
#include "backup/media/space_budget.hpp"
#include "core/error.hpp"
#include "store/formats/names.hpp"
#include "store/marks.hpp"
#include "store/pack_record.hpp"

namespace mastobak::backup {
namespace {

Bytes size_of_difference(const store::Manifest& manifest) {
    Bytes size;
    for (const auto& artifact : manifest.artifacts)
        if (artifact.name == store::dump_difference) size = artifact.size;
    return size;
}

/// Estimates the size in bytes that a set's dump has if it is stored whole: that of its base, whose
/// database was smaller or larger.
double size_if_whole(const store::Manifest& manifest) {
    const auto& base = *manifest.database.base;
    const auto size = static_cast<double>(base.size.count);
    if (base.uncompressed.count == 0) return size;
    return size * static_cast<double>(manifest.database.dump_uncompressed.count) /
           static_cast<double>(base.uncompressed.count);
}

/// Returns whether a verification or a scrub has found damage in the base.
bool is_known_as_damaged(const store::Staging& staging, const store::BaseReference& base) {
    return std::ranges::any_of(store::damaged_sets(staging), [&](const auto& damaged) {
        return damaged.second.find(base.name) != std::string::npos;
    });
}

/// Returns why the base of a set cannot be used again; empty when it can.
std::string why_not(const config::Database& config, const store::Staging& staging,
                    const store::Manifest& manifest, Timestamp now) {
    const auto& base = *manifest.database.base;
    if (!store::is_here(staging, {base.name, base.size, base.sha256, 0, base.size}))
        return fmt::format("its base '{}' is missing, or has a different size", base.name);
    if (is_known_as_damaged(staging, base))
        return fmt::format("its base '{}' is damaged", base.name);
    const auto made = parse_set_name(store::set_that_made(base.name));
    if (!made || *made > now || now - *made >= config.full_every)
        return fmt::format("its base '{}' is older than database.full_every", base.name);
    if (static_cast<double>(size_of_difference(manifest).count) * 100 >
        size_if_whole(manifest) * config.rebase_above)
        return fmt::format("the last difference from '{}' was larger than database.rebase_above",
                           base.name);
    return {};
}

/// Makes one dump, and describes its files.
class NightDumper {
 public:
    NightDumper(const config::Config& config, const Plan& plan, const std::string& snapshot,
                const store::NewSet& set,
                const std::function<void(const postgres::DumpProgress&)>& progress,
                const std::stop_token& stop)
        : config_(config),
          plan_(plan),
          snapshot_(snapshot),
          set_(set),
          progress_(progress),
          stop_(stop) {}

    NightDump whole() const {
        const auto name = store::base_name(set_.name());
        NightDump night{.dump = dump(set_.pack_directory() / name, {})};
        const auto& file = night.dump.files.at(0);
        night.base = {name, file.size, file.sha256, night.dump.uncompressed};
        night.stored = {file.path};
        night.note = fmt::format("dump base={} size='{}'", name, to_string(file.size));
        return night;
    }

    NightDump difference(const store::BaseReference& base) const {
        const auto path = store::Staging(config_.staging.path).shared(base.name);
        NightDump night{.dump = dump(set_.directory() / store::dump_difference,
                                     dumps::BaseReference{path, base.name, base.sha256})};
        const auto& files = night.dump.files;
        night.base = base;
        night.stored = {files.at(0).path, files.at(1).path, path, base.name, base.sha256};
        night.files = {{store::dump_difference, files[0].size, files[0].sha256},
                       {store::difference_list, files[1].size, files[1].sha256}};
        night.note = fmt::format("dump base={} size='{}' difference='{}'", base.name,
                                 to_string(base.size), to_string(files[0].size));
        return night;
    }

 private:
    postgres::Dump dump(const std::filesystem::path& file,
                        std::optional<dumps::BaseReference> base) const {
        auto options = dump_options(config_);
        options.base = std::move(base);
        options.on_bytes = [reserve = FreeSpaceGuard(config_.staging)](Bytes written) mutable {
            reserve.check(written);
        };
        return postgres::dump(plan_.database, plan_.tools, snapshot_, file, options, progress_,
                              stop_);
    }

    const config::Config& config_;
    const Plan& plan_;
    const std::string& snapshot_;
    const store::NewSet& set_;
    const std::function<void(const postgres::DumpProgress&)>& progress_;
    const std::stop_token& stop_;
};

}  // namespace

Bytes NightDump::size() const {
    Bytes size;
    for (const auto& file : dump.files) size += file.size;
    return size;
}

ChosenBase choose_base(const config::Config& config, const store::Staging& staging, Timestamp now) {
    if (!config.database.deltas) return {};
    const auto newest = staging.latest();
    if (!newest) return {};
    try {
        const auto manifest = staging.manifest(*newest);
        if (!manifest.database.base) return {};
        auto why = why_not(config.database, staging, manifest, now);
        if (why.empty()) return {manifest.database.base, {}};
        return {std::nullopt, std::move(why)};
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        return {std::nullopt, error.text()};
    }
}

NightDump dump_database(const config::Config& config, const Plan& plan, const std::string& snapshot,
                        const store::NewSet& set, Timestamp now,
                        const std::function<void(const postgres::DumpProgress&)>& progress,
                        const std::stop_token& stop) {
    const NightDumper dumper(config, plan, snapshot, set, progress, stop);
    const auto chosen = choose_base(config, store::Staging(config.staging.path), now);
    std::vector<std::string> warnings;
    if (chosen.base) {
        try {
            return dumper.difference(*chosen.base);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            warnings.push_back(
                fmt::format("the dump is stored whole, because its base is damaged: "
                            "{}; hint: mastobak verify --all",
                            error.text()));
        }
    }
    auto night = dumper.whole();
    night.warnings = std::move(warnings);
    if (!chosen.why.empty()) night.note += fmt::format("; stored whole, because {}", chosen.why);
    return night;
}

}  // namespace mastobak::backup
