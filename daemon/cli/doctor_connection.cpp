// What `replmond doctor` says about a connection and about clocks.

#include "daemon/cli/doctor_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace replmond::cli {

using client::exchange_step;
using doctor::step;
using doctor::step_result;
using doctor::verdict;

namespace {

std::string joined(const http::address_list& addresses) {
    constexpr std::size_t most = 4;
    std::string text;
    for (std::size_t i = 0; i < std::min(addresses.size(), most); ++i)
        text += (i == 0 ? "" : ", ") + addresses[i];
    return addresses.size() > most ? text + ", …" : text;
}

bool is_unresolved(const client::probe_outcome& seen) {
    return seen.why && (seen.reached == exchange_step::resolving || seen.reached == exchange_step::waiting);
}

step_result names_step(const cloud::service_route& route, const client::probe_outcome& seen) {
    step_result ended{.what = step::names};
    if (is_unresolved(seen)) {
        ended = doctor::failed_step(step::names, *seen.why);
    } else if (!route.client.proxy && seen.addresses == http::address_list{route.to.host}) {
        ended.seen = route.to.host + " is an address";
    } else if (route.client.proxy) {
        ended.seen = fmt::format("the proxy {} is {}; it resolves {}", route.client.proxy->at.host,
                                 joined(seen.addresses), route.to.host);
    } else {
        ended.seen = fmt::format("{} is {}", route.to.host, joined(seen.addresses));
    }
    ended.facts.push_back({"addresses", static_cast<std::int64_t>(seen.addresses.size())});
    ended.facts.push_back({"through_proxy", route.client.proxy.has_value()});
    return ended;
}

step_result connected_step(const cloud::service_route& route, const client::probe_outcome& seen) {
    if (is_unresolved(seen))
        return doctor::skipped_step(step::connection, "the name was not resolved");
    if (seen.why && seen.reached != exchange_step::handshake)
        return doctor::failed_step(step::connection, *seen.why);
    step_result ended{.what = step::connection};
    const std::string peer = seen.peer.empty() ? route.to.authority() : seen.peer;
    ended.seen = route.client.proxy
                     ? fmt::format("to {} through the proxy {} of {}", route.to.authority(),
                                   route.client.proxy->at.authority(), route.client.proxy->setting)
                     : fmt::format("to {}, directly", peer);
    return ended;
}

doctor::public_word version_word(const std::string& version) {
    if (version == "TLSv1.3")
        return "1.3";
    if (version == "TLSv1.2")
        return "1.2";
    return "other";
}

step_result tls_step(const cloud::service_route& route, const client::probe_outcome& seen, timestamp now) {
    constexpr std::int64_t soon = 14; // days
    if (!route.to.tls)
        return doctor::skipped_step(step::tls, "the endpoint is http");
    if (seen.why && seen.reached != exchange_step::handshake)
        return doctor::skipped_step(step::tls, "there is no connection");
    if (seen.why)
        return doctor::failed_step(step::tls, *seen.why);
    step_result ended{.what = step::tls, .seen = seen.tls_version};
    ended.facts.push_back({"version", version_word(seen.tls_version)});
    if (!seen.certificate)
        return ended;
    ended.seen += fmt::format("; the certificate is signed by \"{}\"", seen.certificate->issuer);
    if (!seen.certificate->expires_at)
        return ended;
    const auto left = std::chrono::duration_cast<std::chrono::hours>(*seen.certificate->expires_at - now);
    const std::int64_t days = left.count() / 24;
    ended.seen +=
        fmt::format(" and expires at {}, in {} days", to_rfc3339(*seen.certificate->expires_at), days);
    ended.facts.push_back({"expires_in_days", days});
    if (days < soon) {
        ended.ended = verdict::warn;
        ended.advice = "see to it that the endpoint gets a new certificate in time";
    }
    return ended;
}

// Requests that are signed carry the time; those with a token do not.
bool signs(const config::auth_settings& auth) {
    return !std::holds_alternative<config::token_auth>(auth) &&
           !std::holds_alternative<config::password_auth>(auth);
}

} // namespace

std::vector<step_result> connection_steps(const cloud::service_route& route,
                                          const client::probe_outcome& seen, timestamp now) {
    return {names_step(route, seen), connected_step(route, seen), tls_step(route, seen, now)};
}

step_result clock_step(std::optional<milliseconds> ahead, const config::auth_settings& auth) {
    constexpr milliseconds exact = std::chrono::seconds(2); // Date has whole seconds
    constexpr milliseconds close = std::chrono::minutes(1);
    constexpr milliseconds accepted = std::chrono::minutes(15);
    if (!ahead)
        return doctor::skipped_step(step::clock, "no answer has a Date");
    const milliseconds distance = std::chrono::abs(*ahead);
    const auto seconds = std::chrono::round<std::chrono::seconds>(distance).count();
    const bool is_ahead = ahead->count() > 0;
    step_result ended{.what = step::clock};
    ended.facts.push_back({"seconds_ahead", std::int64_t{is_ahead ? seconds : -seconds}});
    if (distance <= exact) {
        ended.seen = "this host's clock is the cloud's, to 2 s";
        return ended;
    }
    ended.seen =
        fmt::format("this host's clock is {} s {} the cloud's", seconds, is_ahead ? "ahead of" : "behind");
    if (distance < close)
        return ended;
    ended.ended = distance >= accepted && signs(auth) ? verdict::fail : verdict::warn;
    ended.advice = "set the clock, as with NTP: the cloud refuses signatures that are 15 minutes off";
    return ended;
}

} // namespace replmond::cli
