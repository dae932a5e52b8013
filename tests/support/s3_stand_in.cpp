// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/s3_stand_in.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/detail/base64.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <mutex>
#include <string_view>
#include <thread>

namespace mastobak::test {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

constexpr std::string_view bucket = "/b";

struct Stored {
    std::string text;
    std::string etag;  ///< the MD5, as for uploads in one part
    std::string mtime;
};

std::string unescaped(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%' || i + 2 >= text.size()) {
            result += text[i];
            continue;
        }
        result += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
    }
    return result;
}

std::string parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(part.size() + 1, query.size()));
        if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
            return unescaped(part.substr(name.size() + 1));
    }
    return {};
}

std::string hex_of_base64(const std::string& text) {
    std::string bytes(boost::beast::detail::base64::decoded_size(text.size()), '\0');
    bytes.resize(
        boost::beast::detail::base64::decode(bytes.data(), text.data(), text.size()).first);
    std::string hex;
    for (const unsigned char c : bytes) hex += fmt::format("{:02x}", c);
    return hex;
}

}  // namespace

struct S3StandIn::Impl {
    asio::io_context loop{1};
    tcp::acceptor acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
    mutable std::mutex mutex;
    std::map<std::string, Stored> objects;
    bool locked = false;
    std::atomic<bool> stopping = false;
    std::atomic<std::uint64_t> sent = 0;
    std::jthread thread{[this] { serve(); }};

    ~Impl() {
        // Connects and sends nothing, so that accept() returns once more.
        stopping = true;
        tcp::socket(loop).connect(acceptor.local_endpoint());
    }
    void serve() {
        for (;;) {
            auto socket = acceptor.accept();
            if (stopping) return;
            boost::beast::flat_buffer buffer;
            http::request_parser<http::string_body> parser;
            parser.body_limit(boost::none);
            boost::system::error_code error;
            http::read_header(socket, buffer, parser, error);
            if (!error && parser.get()[http::field::expect] == "100-continue")
                http::write(socket, Response(http::status::continue_, 11), error);
            // A client that disconnects in the middle of a body has stored nothing.
            if (!error) http::read(socket, buffer, parser, error);
            if (error) continue;
            auto response = answer(parser.get());
            response.keep_alive(false);
            if (parser.get().method() != http::verb::head) response.prepare_payload();
            http::response_serializer<http::string_body> serializer(response);
            serializer.split(parser.get().method() == http::verb::head);
            if (serializer.split())
                sent += http::write_header(socket, serializer, error);
            else
                sent += http::write(socket, serializer, error);
            socket.shutdown(tcp::socket::shutdown_both, error);
        }
    }

    Response answer(const Request& request) {
        const std::lock_guard lock(mutex);
        const std::string target(request.target());
        const auto path = unescaped(target.substr(0, target.find('?')));
        const auto query = target.substr(std::min(target.find('?'), target.size() - 1) + 1);
        if (path == bucket || path == "/b/") return list(query);
        const auto key = path.substr(std::min(path.size(), bucket.size() + 1));
        if (request.method() == http::verb::put) return store(key, request);
        if (request.method() == http::verb::delete_) {
            if (locked) return refusal();
            objects.erase(key);
            return Response(http::status::no_content, 11);
        }
        const auto found = objects.find(key);
        if (found == objects.end()) return Response(http::status::not_found, 11);
        Response response(http::status::ok, 11);
        response.set(http::field::etag, "\"" + found->second.etag + "\"");
        response.set(http::field::last_modified, "Sun, 22 Nov 2026 03:00:00 GMT");
        response.set("x-amz-meta-mtime", found->second.mtime);
        response.set(http::field::content_length, std::to_string(found->second.text.size()));
        if (request.method() == http::verb::get) response.body() = found->second.text;
        if (const auto range = request[http::field::range]; !range.empty())
            cut(response, std::string(range));
        return response;
    }

    // "bytes=17-42"
    static void cut(Response& response, const std::string& range) {
        const auto dash = range.find('-');
        const auto begin = std::stoull(range.substr(range.find('=') + 1));
        const auto size = response.body().size();
        if (begin >= size) return;  // like a server that does not support ranges
        const auto last = dash + 1 < range.size() ? std::stoull(range.substr(dash + 1)) : size - 1;
        response.body() = response.body().substr(begin, last - begin + 1);
        response.result(http::status::partial_content);
        response.set(
            http::field::content_range,
            fmt::format("bytes {}-{}/{}", begin, begin + response.body().size() - 1, size));
        response.set(http::field::content_length, std::to_string(response.body().size()));
    }

    static Response refusal() {
        Response response(http::status::forbidden, 11);
        response.set(http::field::content_type, "application/xml");
        response.body() =
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied because "
            "object protected by object lock.</Message></Error>";
        return response;
    }

    Response store(const std::string& key, const Request& request) {
        const auto etag = hex_of_base64(std::string(request["Content-MD5"]));
        objects[key] = {request.body(), etag, std::string(request["x-amz-meta-mtime"])};
        Response response(http::status::ok, 11);
        response.set(http::field::etag, "\"" + etag + "\"");
        return response;
    }

    Response list(const std::string& query) const {
        const auto prefix = parameter(query, "prefix");
        std::string entries;
        for (const auto& [key, object] : objects) {
            if (!key.starts_with(prefix)) continue;
            const auto slash = key.find('/', prefix.size());
            entries += slash != std::string::npos
                           ? fmt::format("<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>",
                                         key.substr(0, slash + 1))
                           : fmt::format(
                                 "<Contents><Key>{}</Key><Size>{}</Size><ETag>\"{}\"</ETag>"
                                 "<LastModified>2026-11-22T03:00:00.000Z</LastModified>"
                                 "</Contents>",
                                 key, object.text.size(), object.etag);
        }
        Response response(http::status::ok, 11);
        response.set(http::field::content_type, "application/xml");
        response.body() = fmt::format(
            "<?xml version=\"1.0\"?><ListBucketResult><Name>b</Name><Prefix>{}</Prefix>"
            "<IsTruncated>false</IsTruncated>{}</ListBucketResult>",
            prefix, entries);
        return response;
    }
};

S3StandIn::S3StandIn() : impl_(new Impl) {}

S3StandIn::~S3StandIn() = default;

std::string S3StandIn::rclone_section(const std::string& name) const {
    return fmt::format(
        "[{}]\ntype = s3\nprovider = Other\nendpoint = http://127.0.0.1:{}\nno_check_bucket = "
        "true\n"
        "access_key_id = key\nsecret_access_key = secret\nforce_path_style = true\n",
        name, impl_->acceptor.local_endpoint().port());
}

std::map<std::string, std::string> S3StandIn::objects() const {
    const std::lock_guard lock(impl_->mutex);
    std::map<std::string, std::string> contents;
    for (const auto& [key, object] : impl_->objects) contents[key] = object.text;
    return contents;
}

std::uint64_t S3StandIn::sent() const {
    return impl_->sent;
}

void S3StandIn::forbid_removal() {
    const std::lock_guard lock(impl_->mutex);
    impl_->locked = true;
}

}  // namespace mastobak::test
