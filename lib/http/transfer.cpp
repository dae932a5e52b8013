// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/transfer.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "core/bytes.hpp"
#include "core/error.hpp"

namespace mastobak::http {
namespace {

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
using Headers = std::unique_ptr<curl_slist, FreeList>;

void initialise() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK)
        throw Error(Errc::environment, std::string("libcurl: ") + curl_easy_strerror(result));
}

using SteadyClock = std::chrono::steady_clock;

/// What was read of an answer.
struct Received {
    Transfer::Limit limit;
    CURL* easy = nullptr;
    std::string body{};
    std::size_t headers = 0;
    bool full = false;  ///< the rest of the body is not read
    std::function<void(std::span<const std::byte>)> on_block{};
    std::chrono::milliseconds silence{};  ///< limit of the time without data
    SteadyClock::time_point last{};       ///< when data arrived
    std::exception_ptr failure{};         ///< of on_block
    bool silent = false;
};

/// Passes a block on. libcurl is C, so no exception may leave it.
std::size_t pass(Received& received, const char* data, std::size_t size) {
    try {
        received.on_block(std::as_bytes(std::span(data, size)));
        received.last = SteadyClock::now();
        return size;
    } catch (...) {
        received.failure = std::current_exception();
        return CURL_WRITEFUNC_ERROR;
    }
}

std::size_t take_part(char* data, std::size_t, std::size_t size, void* to) {
    auto& received = *static_cast<Received*>(to);
    if (received.on_block) {
        constexpr long ok = 200;
        long status = 0;
        curl_easy_getinfo(received.easy, CURLINFO_RESPONSE_CODE, &status);
        if (status == ok) return pass(received, data, size);
    }
    const auto room = received.limit.bytes - received.body.size();
    received.body.append(data, std::min(size, room));
    // A body that is to be cut ends the transfer when it is full; another one when it is too long.
    received.full = received.limit.cut ? size >= room : size > room;
    return received.full ? 0 : size;
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
CURLcode run(const Multi& multi, Received& received, const std::stop_token& stop) {
    const std::stop_callback wake(stop, [&multi] { curl_multi_wakeup(multi.get()); });
    received.last = SteadyClock::now();
    for (int running = 1;;) {
        if (stop.stop_requested()) throw Error(Errc::cancelled, "the request was cancelled");
        if (curl_multi_perform(multi.get(), &running) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
        if (running == 0) break;
        received.silent =
            received.on_block && SteadyClock::now() - received.last >= received.silence;
        if (received.silent) return CURLE_OPERATION_TIMEDOUT;
        curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
    }
    int left = 0;
    const auto* message = curl_multi_info_read(multi.get(), &left);
    return message != nullptr ? message->data.result : CURLE_RECV_ERROR;
}

}  // namespace

struct Transfer::Handles {
    Easy easy;
    Multi multi;
    Headers headers{};
    std::string body{};  ///< of the request
    Received received;
};

Transfer::Transfer(const std::string& url, std::chrono::milliseconds timeout, Limit limit) {
    initialise();
    handles_ = std::make_unique<Handles>(Handles{.easy = Easy(curl_easy_init()),
                                                 .multi = Multi(curl_multi_init()),
                                                 .received = {.limit = limit}});
    if (!handles_->easy || !handles_->multi) throw std::bad_alloc();
    handles_->received.easy = handles_->easy.get();
    const auto& easy = handles_->easy;
    set(easy, CURLOPT_URL, url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    // A thread of libcurl that resolves a name cannot be interrupted, so it is left behind.
    set(easy, CURLOPT_QUICK_EXIT, 1L);
    set(easy, CURLOPT_USERAGENT, "mastobak");
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    set(easy, CURLOPT_WRITEFUNCTION, &take_part);
    set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&handles_->received));
    set(easy, CURLOPT_HEADERFUNCTION, &take_header);
    set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&handles_->received));
}

Transfer::~Transfer() = default;

void Transfer::use_proxy(const std::string& proxy) {
    set(handles_->easy, CURLOPT_PROXY, proxy.c_str());
}

void Transfer::use_socket(const std::string& path) {
    set(handles_->easy, CURLOPT_UNIX_SOCKET_PATH, path.c_str());
}

void Transfer::post(std::string body, const std::string& type) {
    handles_->body = std::move(body);
    // Without "Expect:", a server would be asked first whether it wants a body of some size.
    for (const auto& line : {"Content-Type: " + type, std::string("Expect:")}) {
        auto* longer = curl_slist_append(handles_->headers.get(), line.c_str());
        if (longer == nullptr) throw std::bad_alloc();
        static_cast<void>(handles_->headers.release());
        handles_->headers.reset(longer);
    }
    const auto& easy = handles_->easy;
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(handles_->body.size()));
    set(easy, CURLOPT_POSTFIELDS, handles_->body.c_str());
    set(easy, CURLOPT_HTTPHEADER, handles_->headers.get());
}

void Transfer::remove() {
    set(handles_->easy, CURLOPT_CUSTOMREQUEST, "DELETE");
}

void Transfer::pass_on(std::function<void(std::span<const std::byte>)> on_block,
                       std::chrono::milliseconds silence) {
    handles_->received.on_block = std::move(on_block);
    handles_->received.silence = silence;
    constexpr long large_buffer = 256 * 1024;
    set(handles_->easy, CURLOPT_BUFFERSIZE, large_buffer);
}

bool Transfer::was_silent() const {
    return handles_->received.silent;
}

int Transfer::perform(std::stop_token stop) {
    auto& [easy, multi, headers, body, received] = *handles_;
    if (curl_multi_add_handle(multi.get(), easy.get()) != CURLM_OK) throw std::bad_alloc();
    struct Removed {
        CURLM* multi;
        CURL* easy;
        ~Removed() { curl_multi_remove_handle(multi, easy); }
    } const removed{multi.get(), easy.get()};
    const auto result = run(multi, received, stop);
    if (received.failure) std::rethrow_exception(received.failure);
    if (received.silent) return 0;
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (received.full && status != 0) {
        if (received.limit.cut) return static_cast<int>(status);
        throw Error(Errc::environment,
                    "its answer is longer than " + to_string(Bytes{received.limit.bytes}));
    }
    if (result != CURLE_OK) throw Error(Errc::environment, reason(easy, result));
    return static_cast<int>(status);
}

std::string Transfer::take_body() {
    return std::move(handles_->received.body);
}

}  // namespace mastobak::http
