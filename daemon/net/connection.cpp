#include "daemon/net/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

namespace replmond::net {

namespace asio = boost::asio;
using asio::ip::tcp;

tcp::socket& connection::socket() {
    auto* plain = std::get_if<plain_stream>(&stream);
    return plain != nullptr ? *plain : std::get<tls_stream>(stream).next_layer();
}

// A read, not a look at the socket: what came early may stand in the TLS engine's buffers already, and what
// stands in the socket may be a ticket, which is no data.
bool connection::is_quiet() {
    char byte = 0;
    boost::system::error_code error;
    socket().non_blocking(true, error);
    if (error)
        return false;
    std::visit([&](auto& open) { open.read_some(asio::buffer(&byte, 1), error); }, stream);
    return error == asio::error::would_block;
}

} // namespace replmond::net
