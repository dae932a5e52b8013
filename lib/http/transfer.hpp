// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace mastobak::http {

/// One request of libcurl, from its options to its answer: what requests of both kinds share.
class Transfer {
 public:
    /// How much of the body of an answer is kept, and what happens when it is longer.
    struct Limit {
        std::size_t bytes;
        bool cut;  ///< true: the rest is not read; false: that is an error
    };

    /// \param timeout limit of the whole request; 0: none
    /// Throws Error{environment} when libcurl cannot be used.
    Transfer(const std::string& url, std::chrono::milliseconds timeout, Limit limit);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    /// \param proxy empty: none
    void use_proxy(const std::string& proxy);
    /// Connects to a Unix socket, and not to the host of the URL.
    void use_socket(const std::string& path);
    /// Sends POST with this body.
    /// \param type its Content-Type
    void post(std::string body, const std::string& type);
    /// Sends DELETE.
    void remove();

    /// Passes on the body of an answer with status 200 instead of keeping it.
    /// \param silence limit of the time without data; the time of a call does not count
    void pass_on(std::function<void(std::span<const std::byte>)> on_block,
                 std::chrono::milliseconds silence);

    /// Runs the request to its end. May be called once.
    /// \return the status; 0 when the server was silent
    /// Throws Error{environment} with the reason, which never has the URL; Error{cancelled}; the
    /// exceptions of on_block.
    int perform(std::stop_token stop);
    std::string take_body();
    /// Returns whether the limit of silence has ended the request.
    bool was_silent() const;

 private:
    struct Handles;
    std::unique_ptr<Handles> handles_;
};

}  // namespace mastobak::http
