// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

namespace mastobak::test {

/// Sets TZ during the lifetime of the object.
class TimeZone {
 public:
    explicit TimeZone(const std::string& name) {
        if (const char* old = std::getenv("TZ")) before_ = old;
        ::setenv("TZ", name.c_str(), 1);
        ::tzset();
    }
    ~TimeZone() {
        if (before_)
            ::setenv("TZ", before_->c_str(), 1);
        else
            ::unsetenv("TZ");
        ::tzset();
    }
    TimeZone(const TimeZone&) = delete;
    TimeZone& operator=(const TimeZone&) = delete;

 private:
    std::optional<std::string> before_;
};

}  // namespace mastobak::test
