// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/url.hpp"

#include <cctype>
#include <string>

#include "support/catch.hpp"

using mastobak::http::Url;

namespace {

/// Escapes are in lower or upper case, depending on the version of libcurl.
std::string lower(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::tolower(c));
    return text;
}

}  // namespace

TEST_CASE("a URL shows its origin, and keeps the rest to itself") {
    const auto url = Url::parse("https://user:pass@hc.example:8443/ping/0b1c-secret?key=1");
    REQUIRE(url);
    CHECK(url->origin() == "https://hc.example:8443");
    CHECK(url->has_login());
    CHECK(url->secret() == "https://user:pass@hc.example:8443/ping/0b1c-secret?key=1");
    CHECK(Url::parse("https://hc.example:443/x")->origin() == "https://hc.example");
    CHECK(Url::parse("http://[::1]:3000/")->origin() == "http://[::1]:3000");
    CHECK_FALSE(Url::parse("http://localhost")->has_login());
}

TEST_CASE("other texts are not URLs") {
    for (const auto* text : {"", "hc.example/x", "https://", "http://:80/", "http://a:0/",
                             "http://a:99999/", "http://a b/", "http://a/\nHost: b", "http://a/#x",
                             "ftp://a/", "file:///etc/passwd", "smtp://a", "http:\\\\a"}) {
        CAPTURE(text);
        CHECK_FALSE(Url::parse(text));
    }
}

TEST_CASE("segments and parameters are added, and escaped") {
    const auto url = *Url::parse("https://hc.example/ping/secret/");
    CHECK(url.below("start").secret() == "https://hc.example/ping/secret/start");
    CHECK(lower(url.below("../x").secret()) == "https://hc.example/ping/secret/..%2fx");
    CHECK(url.with("rid", "a-1").secret() == "https://hc.example/ping/secret/?rid=a-1");
    CHECK(url.below("14").with("rid", "a").secret() == "https://hc.example/ping/secret/14?rid=a");
    // The URL that Uptime Kuma shows has example values.
    const auto kuma = *Url::parse("https://kuma.example/api/push/secret?status=up&msg=OK&ping=");
    CHECK(lower(kuma.with("status", "down").with("msg", "ä & b").secret()) ==
          "https://kuma.example/api/push/secret?ping=&status=down&msg=%c3%a4%20%26%20b");
    CHECK(url.below("start").origin() == url.origin());
}
