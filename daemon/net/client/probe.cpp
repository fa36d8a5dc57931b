// Makes a connection only to tell what it is like: for `replmond doctor`.

#include "daemon/net/client/probe.hpp"

#include "daemon/core/http/network_failure.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/client/resolver.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <variant>

namespace replmond::client {

namespace asio = boost::asio;

namespace {

std::string text_of(const asio::ip::tcp::endpoint& peer) {
    const std::string host = peer.address().to_string();
    return peer.address().is_v6() ? fmt::format("[{}]:{}", host, peer.port())
                                  : fmt::format("{}:{}", host, peer.port());
}

void look_at(connection& made, probe_outcome& into) {
    net::error_code unknown;
    const auto peer = made.socket().remote_endpoint(unknown);
    if (!unknown)
        into.peer = text_of(peer);
    if (auto* secured = std::get_if<tls_stream>(&made.stream)) {
        into.tls_version = SSL_get_version(secured->native_handle());
        into.certificate = certificate_of(secured->native_handle());
    }
}

failure not_connected_in_time(net::steady_duration deadline, const progress& reached) {
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(deadline);
    return make_failure(poll_result::timeout,
                        fmt::format("no connection within {} ms: {} was not done{}{}", limit.count(),
                                    reached.doing, reached.advice.empty() ? "" : "; ", reached.advice));
}

} // namespace

asio::awaitable<probe_outcome> probe_connection(http::origin to, client_settings settings,
                                                net::steady_duration deadline) {
    probe_outcome outcome;
    const std::string host = settings.proxy ? settings.proxy->at.host : to.host;
    auto lookup = settings.names->addresses_of(host);
    auto found = co_await net::with_deadline(std::move(lookup), deadline);
    if (found && *found)
        outcome.addresses = **found;

    // The connector looks the name up itself, and says what to do where that fails.
    connector through(to, settings);
    const auto reached = std::make_shared<progress>();
    auto work = through.connect(*reached);
    auto made = co_await net::with_deadline(std::move(work), deadline);
    if (!made)
        outcome.why = not_connected_in_time(deadline, *reached);
    else if (!*made)
        outcome.why = made->error();
    else
        look_at(***made, outcome);
    outcome.reached = reached->at;
    co_return outcome;
}

} // namespace replmond::client
