// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace mastobak {

/// Splits the standard error of a program into lines, and keeps the end of it.
class ErrorLines {
 public:
    /// \param on_line called with each line, without its line break; may be empty. A line may lack
    ///                its beginning when it is longer than 4 KiB.
    explicit ErrorLines(std::function<void(std::string_view)> on_line)
        : on_line_(std::move(on_line)) {}

    void take(std::string_view text);
    /// Passes on a last line without a line break.
    void finish();
    /// Returns the last 4 KiB.
    const std::string& tail() const { return tail_; }

 private:
    const std::function<void(std::string_view)> on_line_;
    std::string line_;
    std::string tail_;
};

}  // namespace mastobak
