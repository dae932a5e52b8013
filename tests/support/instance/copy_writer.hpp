// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace mastobak::instance {

/// Writes a psql script to standard output: statements, and tables as `COPY … FROM stdin`.
/// Throws Error{environment} when the reader has closed standard output.
class CopyWriter {
 public:
    void statement(std::string_view sql);
    /// \param columns "id, name"
    void begin(std::string_view table, std::string_view columns);
    /// Writes one row; std::nullopt is NULL. Texts must not contain tabs, backslashes or line
    /// breaks.
    template <typename... Fields>
    void row(const Fields&... fields) {
        (field(fields), ...);
        buffer_.back() = '\n';
        if (buffer_.size() > 1 << 20) flush();
    }
    void end();
    void flush();

 private:
    void field(std::string_view text) { (buffer_ += text) += '\t'; }
    void field(std::nullopt_t) { buffer_ += "\\N\t"; }
    void field(bool value) { buffer_ += value ? "t\t" : "f\t"; }
    template <std::integral Number>
    requires(!std::same_as<Number, bool>) void field(Number number) {
        (buffer_ += std::to_string(number)) += '\t';
    }
    template <typename T>
    void field(const std::optional<T>& value) {
        if (value)
            field(*value);
        else
            field(std::nullopt);
    }
    void field(const std::string& text) { field(std::string_view(text)); }
    void field(const char* text) { field(std::string_view(text)); }

    std::string buffer_;
};

}  // namespace mastobak::instance
