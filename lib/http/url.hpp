// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mastobak::http {

/// A URL of HTTP or HTTPS. Its path, query, user name and password may be secrets, so messages show
/// only origin().
class Url {
 public:
    /// Returns nullopt when the text is not a URL of HTTP or HTTPS with a host. A fragment is not
    /// allowed.
    static std::optional<Url> parse(std::string_view text);

    /// Returns the URL as text: a secret.
    const std::string& secret() const { return text_; }
    /// Returns scheme, host, and the port when it is not the scheme's own: "https://hc.example:8000".
    const std::string& origin() const { return origin_; }
    /// Returns whether the URL contains a user name or a password.
    bool has_login() const { return has_login_; }

    /// Returns this URL with segments that are added to its path ("/start"); they are escaped.
    Url below(std::string_view segment) const;
    /// Returns this URL with a parameter in its query. A parameter of the same name is replaced.
    /// \param value any text; it is escaped
    Url with(std::string_view name, std::string_view value) const;

    bool operator==(const Url&) const = default;

 private:
    std::string text_;
    std::string origin_;
    bool has_login_ = false;
};

}  // namespace mastobak::http
