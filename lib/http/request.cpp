// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/request.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <exception>
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
using Headers = std::unique_ptr<curl_slist, FreeList>;

void initialise() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK)
        throw Error(Errc::environment, std::string("libcurl: ") + curl_easy_strerror(result));
}

using SteadyClock = std::chrono::steady_clock;

/// How much of the body of an answer is kept, and what happens when it is longer.
struct Limit {
    std::size_t bytes;
    bool cut;  ///< true: the rest is not read; false: that is an error
};

/// What was read of an answer.
struct Received {
    Limit limit;
    CURL* easy = nullptr;
    std::string body{};
    std::size_t headers = 0;
    bool full = false;  ///< the rest of the body is not read
    OnBlock on_block{};
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

/// One request of libcurl, from its options to its answer: what requests of both kinds share.
class Transfer {
 public:
    /// \param timeout limit of the whole request; 0: none
    /// Throws Error{environment} when libcurl cannot be used.
    Transfer(const std::string& url, std::chrono::milliseconds timeout, Limit limit)
        : received_{.limit = limit} {
        initialise();
        easy_.reset(curl_easy_init());
        multi_.reset(curl_multi_init());
        if (!easy_ || !multi_) throw std::bad_alloc();
        received_.easy = easy_.get();
        option(CURLOPT_URL, url.c_str());
        option(CURLOPT_PROTOCOLS_STR, "http,https");
        option(CURLOPT_NOSIGNAL, 1L);
        // A thread of libcurl that resolves a name cannot be interrupted, so it is left behind.
        option(CURLOPT_QUICK_EXIT, 1L);
        option(CURLOPT_USERAGENT, "mastobak");
        option(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
        option(CURLOPT_WRITEFUNCTION, &take_part);
        option(CURLOPT_WRITEDATA, static_cast<void*>(&received_));
        option(CURLOPT_HEADERFUNCTION, &take_header);
        option(CURLOPT_HEADERDATA, static_cast<void*>(&received_));
    }
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    template <typename Value>
    void option(CURLoption name, Value value) {
        const auto result = curl_easy_setopt(easy_.get(), name, value);
        if (result == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
        if (result != CURLE_OK)
            throw Error(Errc::environment, std::string("libcurl: ") + curl_easy_strerror(result));
    }

    /// Sends POST with this body.
    /// \param type its Content-Type
    void post(std::string body, const std::string& type) {
        body_ = std::move(body);
        // Without "Expect:", a server would be asked first whether it wants a body of some size.
        for (const auto& line : {"Content-Type: " + type, std::string("Expect:")}) {
            auto* longer = curl_slist_append(headers_.get(), line.c_str());
            if (longer == nullptr) throw std::bad_alloc();
            static_cast<void>(headers_.release());
            headers_.reset(longer);
        }
        option(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
        option(CURLOPT_POSTFIELDS, body_.c_str());
        option(CURLOPT_HTTPHEADER, headers_.get());
    }

    /// Passes on the body of an answer with status 200 instead of keeping it.
    /// \param silence limit of the time without data; the time of a call does not count
    void pass_on(OnBlock on_block, std::chrono::milliseconds silence) {
        received_.on_block = std::move(on_block);
        received_.silence = silence;
        constexpr long large_buffer = 256 * 1024;
        option(CURLOPT_BUFFERSIZE, large_buffer);
    }

    /// Runs the request to its end. May be called once.
    /// \return nullopt when the server was silent
    /// Throws Error{environment} with the reason, which never has the URL; Error{cancelled}; the
    /// exceptions of on_block.
    std::optional<Answer> perform(const std::stop_token& stop) {
        if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) throw std::bad_alloc();
        struct Removed {
            CURLM* multi;
            CURL* easy;
            ~Removed() { curl_multi_remove_handle(multi, easy); }
        } const removed{multi_.get(), easy_.get()};
        const auto result = run(multi_, received_, stop);
        if (received_.failure) std::rethrow_exception(received_.failure);
        if (received_.silent) return std::nullopt;
        long status = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
        const bool full = received_.full && status != 0;
        if (full && !received_.limit.cut)
            throw Error(Errc::environment,
                        "its answer is longer than " + to_string(Bytes{received_.limit.bytes}));
        if (!full && result != CURLE_OK) throw Error(Errc::environment, reason(easy_, result));
        return Answer{static_cast<int>(status), std::move(received_.body)};
    }

 private:
    Easy easy_{};
    Multi multi_{};
    Headers headers_{};
    std::string body_{};  ///< of the request
    Received received_;
};

/// Returns a request to a server of this host.
/// \param timeout limit of the whole request; 0: none
std::unique_ptr<Transfer> local(const LocalRequest& request, std::chrono::milliseconds timeout) {
    // The host is only a name: the socket is the server.
    auto transfer = std::make_unique<Transfer>("http://localhost" + request.target, timeout,
                                               Limit{request.largest_answer.count, false});
    transfer->option(CURLOPT_PROXY, "");
    transfer->option(CURLOPT_UNIX_SOCKET_PATH, request.socket.c_str());
    if (request.body) transfer->post(*request.body, "application/json");
    if (request.remove) transfer->option(CURLOPT_CUSTOMREQUEST, "DELETE");
    return transfer;
}

}  // namespace

Answer ask(const Request& request, std::stop_token stop) {
    Transfer transfer(request.url.secret(), request.timeout, {longest_body, true});
    if (request.proxy) transfer.option(CURLOPT_PROXY, request.proxy->c_str());
    if (request.body) transfer.post(*request.body, "text/plain; charset=utf-8");
    return transfer.perform(stop).value();
}

Answer ask_local(const LocalRequest& request, std::stop_token stop) {
    return local(request, request.timeout)->perform(stop).value();
}

std::optional<Answer> stream_local(const LocalRequest& request, const OnBlock& on_block,
                                   std::stop_token stop) {
    const auto transfer = local(request, std::chrono::milliseconds(0));
    transfer->pass_on(on_block, request.timeout);
    return transfer->perform(stop);
}

}  // namespace mastobak::http
