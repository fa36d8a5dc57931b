#include "daemon/net/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

namespace replmond::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// For good, so that is_quiet() and a first attempt to write need not ask for it each time. What waits is not
// concerned.
void make_non_blocking(tcp::socket& socket) {
    boost::system::error_code ignored; // see is_quiet()
    socket.non_blocking(true, ignored);
}

} // namespace

connection::connection(plain_stream s) : stream(std::move(s)), deadline(socket()) {
    make_non_blocking(socket());
}

connection::connection(tls_stream s) : stream(std::move(s)), deadline(socket()) {
    make_non_blocking(socket());
}

tcp::socket& connection::socket() {
    auto* plain = std::get_if<plain_stream>(&stream);
    return plain != nullptr ? *plain : std::get<tls_stream>(stream).next_layer();
}

// A read, not a look at the socket: what came early may stand in the TLS engine's buffers already, and what
// stands in the socket may be a ticket, which is no data.
bool connection::is_quiet() {
    char byte = 0;
    boost::system::error_code error;
    if (!socket().non_blocking())
        return false;
    std::visit([&](auto& open) { open.read_some(asio::buffer(&byte, 1), error); }, stream);
    return error == asio::error::would_block;
}

} // namespace replmond::net
