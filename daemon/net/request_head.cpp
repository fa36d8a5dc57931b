#include "daemon/net/request_head.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <limits>
#include <string>

namespace replmond::net {

namespace http = boost::beast::http;

std::optional<request_head> parse_request_head(std::string_view text) {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(std::numeric_limits<std::uint32_t>::max()); // the screen has one
    parser.body_limit(boost::none);                                 // whether there may be one is asked later
    boost::system::error_code error;
    parser.put(boost::asio::buffer(text.data(), text.size()), error);
    if (error || !parser.is_header_done())
        return std::nullopt;

    const auto& message = parser.get();
    request_head head;
    head.request.method = std::string(message.method_string());
    head.request.target = std::string(message.target());
    for (const auto& field : message)
        head.request.headers.emplace_back(field.name_string(), field.value());
    head.is_http_1_1 = message.version() == 11;
    head.keep_alive = message.keep_alive();
    return head;
}

} // namespace replmond::net
