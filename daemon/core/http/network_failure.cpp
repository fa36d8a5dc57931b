// The texts of network errors: what happened, and what the user can do about it.

#include "daemon/core/http/network_failure.hpp"

#include <boost/system/errc.hpp>
#include <fmt/format.h>

#include <utility>

namespace replmond::http {

namespace errc = boost::system::errc;

namespace {

std::string_view advice_for(const boost::system::error_code& why) {
    if (why == errc::connection_refused)
        return "; is the port right, and does anything listen there?";
    if (why == errc::network_unreachable || why == errc::host_unreachable)
        return "; check this host's routes, or set proxy_url where only a proxy leads there";
    if (why == errc::timed_out)
        return "; a firewall may drop the packets, or a proxy may be needed (proxy_url)";
    if (why == errc::connection_reset)
        return "; a firewall or a load balancer on the way may have cut it";
    if (why == errc::permission_denied || why == errc::operation_not_permitted)
        return "; a firewall of this host, or the unit's IPAddressDeny=, forbids it";
    if (why == errc::too_many_files_open || why == errc::too_many_files_open_in_system)
        return "; raise LimitNOFILE= of the unit";
    return "";
}

} // namespace

failure network_failure(std::string message) {
    return make_failure(poll_result::network, std::move(message));
}

failure cannot_connect(std::string_view to, const boost::system::error_code& why, std::string_view details) {
    return network_failure(
        fmt::format("cannot connect to {}: {}{}{}", to, why.message(), details, advice_for(why)));
}

failure broken_connection(std::string_view doing, const boost::system::error_code& why) {
    return network_failure(fmt::format("{}: {}{}", doing, why.message(), advice_for(why)));
}

failure closed_early() {
    return network_failure("the connection was closed before the whole answer was there");
}

} // namespace replmond::http
