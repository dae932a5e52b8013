// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/report/report.hpp"

#include "core/crypto/base64.hpp"
#include "core/crypto/sha256.hpp"
#include "daemon/report/html.hpp"
#include "daemon/report/palette.hpp"
#include "daemon/report/sections.hpp"

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

}  // namespace mastobak::daemon::report
