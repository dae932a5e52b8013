// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
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

    /// Runs the request to its end. May be called once.
    /// \return the status
    /// Throws Error{environment} with the reason, which never has the URL; Error{cancelled}.
    int perform(std::stop_token stop);
    std::string take_body();

 private:
    struct Handles;
    std::unique_ptr<Handles> handles_;
};

}  // namespace mastobak::http
