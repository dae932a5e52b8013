// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/report/report.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/crypto/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/accounts.hpp"
#include "daemon/report/html.hpp"
#include "daemon/report/palette.hpp"
#include "daemon/report/sections.hpp"
#include "offsite/history.hpp"
#include "schedule/next_run.hpp"
#include "store/marks.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon::report {
namespace {

/// Returns the digest of a style sheet for Content-Security-Policy. No other style applies, and no
/// script runs, even if a name came into the page as HTML.
/// Source: CSP level 3, section 2.3.1 "hash-source"
std::string hash_source(const std::string& text) {
    Sha256 hash;
    hash.update({reinterpret_cast<const std::byte*>(text.data()), text.size()});
    const auto digest = hash.finish();
    return "sha256-" +
           encode_base64({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
}

void add_sets(Facts& facts, const store::Staging& staging) {
    std::set<std::string> known;
    for (const auto& night : facts.nights)
        if (night.set) known.insert(*night.set);
    for (const auto& set : staging.list()) {
        try {
            if (!known.contains(set)) facts.nights.push_back(night_of(staging.manifest(set)));
        } catch (const Error&) {
            // `health` says that the set is damaged.
        }
    }
    std::ranges::stable_sort(facts.nights, {}, &Night::started_at);
}

}  // namespace

std::string to_html(const Facts& facts) {
    const Html style{style_sheet()};
    Html page = html(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'{}'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{}: mastobak on {}</title>\n"
        "<style>{}</style>\n</head>\n<body>\n<main>\n",
        Html{hash_source(style.text)}, facts.health.reasons.empty() ? "healthy" : "UNHEALTHY",
        facts.host, style);
    for (const auto part : {header, tiles, nights_section, charts_section, room_section,
                            remotes_section, drills_section, retention_section, warnings_section})
        page += part(facts);
    page += html("</main>\n</body>\n</html>\n");
    return std::move(page.text);
}

Facts collect(const config::Config& config, State state, Health health, Timestamp now) {
    Facts facts;
    facts.now = now;
    facts.host = host_name();
    facts.state = std::move(state);
    facts.health = std::move(health);
    facts.nights = read_nights(config.state_directory);
    facts.drills = all_drills(config.state_directory);
    facts.local_day = &schedule::local_day;
    offsite::History uploads(offsite::history_file(config.state_directory));
    for (const auto& remote : config.offsite)
        if (const auto free = uploads.of(remote.name).free) facts.free[remote.name] = *free;
    try {
        const store::Staging staging(config.staging.path);
        add_sets(facts, staging);
        facts.pinned = store::pinned_sets(staging);
    } catch (const Error&) {
        // The state has the problem of staging.
    }
    return facts;
}

void write_report(const std::filesystem::path& state_directory, const Facts& facts) {
    write_file(state_directory / "report.html", to_html(facts));
}

}  // namespace mastobak::daemon::report
