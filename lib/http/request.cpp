// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/request.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include "core/error.hpp"

namespace mastobak::http {
namespace {

constexpr std::size_t longest_body = 4096;
constexpr std::size_t longest_headers = 64 * 1024;

struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using Multi = std::unique_ptr<CURLM, FreeMulti>;

void initialise() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK)
        throw Error(Errc::environment, std::string("libcurl: ") + curl_easy_strerror(result));
}

/// What was read of an answer.
struct Received {
    std::string body;
    std::size_t headers = 0;
    bool enough = false;  ///< the rest of the body is not read
};

std::size_t take_body(char* data, std::size_t, std::size_t size, void* to) {
    auto& received = *static_cast<Received*>(to);
    received.body.append(data, std::min(size, longest_body - received.body.size()));
    received.enough = received.body.size() == longest_body;
    return received.enough ? 0 : size;
}

std::size_t take_header(char*, std::size_t, std::size_t size, void* to) {
    auto& received = *static_cast<Received*>(to);
    received.headers += size;
    return received.headers > longest_headers ? 0 : size;
}

template <typename Value>
void set(const Easy& easy, CURLoption option, Value value) {
    const auto result = curl_easy_setopt(easy.get(), option, value);
    if (result == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
    if (result != CURLE_OK)
        throw Error(Errc::environment, std::string("libcurl: ") + curl_easy_strerror(result));
}

/// Returns why a transfer failed. libcurl's own texts are fixed, and never have the URL.
std::string reason(const Easy& easy, CURLcode result) {
    long error = 0;
    switch (result) {
        case CURLE_OPERATION_TIMEDOUT:
            return "it does not answer";
        case CURLE_COULDNT_RESOLVE_HOST:
            return "the name of its host cannot be resolved";
        case CURLE_COULDNT_RESOLVE_PROXY:
            return "the name of the proxy cannot be resolved";
        case CURLE_PEER_FAILED_VERIFICATION:
            return "its TLS certificate is not valid for this host, or not signed by an authority "
                   "that this host trusts";
        case CURLE_COULDNT_CONNECT:
            curl_easy_getinfo(easy.get(), CURLINFO_OS_ERRNO, &error);
            if (error != 0) return std::generic_category().message(static_cast<int>(error));
            [[fallthrough]];
        default:
            return curl_easy_strerror(result);
    }
}

/// Runs the transfer until it ends. Throws Error{cancelled}.
CURLcode perform(const Multi& multi, const std::stop_token& stop) {
    const std::stop_callback wake(stop, [&multi] { curl_multi_wakeup(multi.get()); });
    for (int running = 1;;) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "the request was cancelled");
        if (curl_multi_perform(multi.get(), &running) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
        if (running == 0) break;
        curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
    }
    int left = 0;
    const auto* message = curl_multi_info_read(multi.get(), &left);
    return message != nullptr ? message->data.result : CURLE_RECV_ERROR;
}

}  // namespace

Answer ask(const Request& request, std::stop_token stop) {
    initialise();
    const Easy easy(curl_easy_init());
    const Multi multi(curl_multi_init());
    if (!easy || !multi) throw std::bad_alloc();
    Received received;
    set(easy, CURLOPT_URL, request.url.secret().c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    // A thread of libcurl that resolves a name cannot be interrupted, so it is left behind.
    set(easy, CURLOPT_QUICK_EXIT, 1L);
    set(easy, CURLOPT_USERAGENT, "mastobak");
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    set(easy, CURLOPT_WRITEFUNCTION, &take_body);
    set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&received));
    set(easy, CURLOPT_HEADERFUNCTION, &take_header);
    set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&received));
    if (request.proxy) set(easy, CURLOPT_PROXY, request.proxy->c_str());
    const std::unique_ptr<curl_slist, FreeList> headers(
        curl_slist_append(nullptr, "Content-Type: text/plain; charset=utf-8"));
    if (request.body) {
        set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
        set(easy, CURLOPT_POSTFIELDS, request.body->c_str());
        set(easy, CURLOPT_HTTPHEADER, headers.get());
    }
    if (curl_multi_add_handle(multi.get(), easy.get()) != CURLM_OK) throw std::bad_alloc();
    struct Removed {
        CURLM* multi;
        CURL* easy;
        ~Removed() { curl_multi_remove_handle(multi, easy); }
    } const removed{multi.get(), easy.get()};
    const auto result = perform(multi, stop);
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK && !(received.enough && status != 0))
        throw Error(Errc::environment, reason(easy, result));
    return {static_cast<int>(status), std::move(received.body)};
}

}  // namespace mastobak::http
