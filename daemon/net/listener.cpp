#include "daemon/net/listener.hpp"

#include "daemon/net/listen_address.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <string>

namespace replmond::net {

namespace asio = boost::asio;
using asio::ip::tcp;

tcp::acceptor listen_on(const asio::any_io_executor& executor, std::string_view address,
                        std::size_t backlog) {
    const auto [host, port] = parse_listen_address(address);
    tcp::acceptor acceptor(executor);
    const auto open = [&](const tcp::endpoint& at, bool both_families) {
        acceptor.open(at.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        if (at.protocol() == tcp::v6())
            acceptor.set_option(asio::ip::v6_only(!both_families));
        acceptor.bind(at);
        acceptor.listen(static_cast<int>(backlog));
    };
    if (host.empty()) {
        try {
            open(tcp::endpoint(tcp::v6(), port), true);
        } catch (const boost::system::system_error& e) {
            if (e.code() != asio::error::address_family_not_supported)
                throw;
            acceptor = tcp::acceptor(executor); // a kernel without IPv6
            open(tcp::endpoint(tcp::v4(), port), false);
        }
        return acceptor;
    }
    tcp::resolver resolver(executor);
    const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive);
    open(found.begin()->endpoint(), false);
    return acceptor;
}

} // namespace replmond::net
