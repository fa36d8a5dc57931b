#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HTTP messages as plain values: what the client sends, what the server answers. No library shows through.
namespace replmond::net {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// The first header of that name, without regard to case; empty where there is none.
std::string_view find_header(const header_list& headers, std::string_view name);

struct http_request {
    std::string method = "GET";
    std::string target = "/"; ///< path and query, encoded as they go over the wire
    header_list headers;      ///< Host, Content-Length and Connection are the sender's business
    std::string body;
};

struct http_response {
    int status = 0;
    header_list headers;
    std::string body;
};

} // namespace replmond::net
