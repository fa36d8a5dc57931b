#include "daemon/net/resolver.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <system_error>

namespace replmond::net {

using verdict = lookup_outcome::verdict;

namespace {

lookup_outcome failed(int error, int system_error) {
    lookup_outcome outcome;
    const bool definite = error == EAI_NONAME || error == EAI_NODATA || error == EAI_ADDRFAMILY;
    outcome.ended = definite ? verdict::no_such_name : verdict::unavailable;
    outcome.reason =
        error == EAI_SYSTEM ? std::generic_category().message(system_error) : ::gai_strerror(error);
    return outcome;
}

} // namespace

lookup_outcome system_lookup(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM; // each address once, not once for each protocol
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0)
        return failed(error, errno);

    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    lookup_outcome outcome;
    std::array<char, NI_MAXHOST> text{};
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        // As text it keeps the zone of a link-local address, which inet_ntop would lose.
        if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0,
                          NI_NUMERICHOST) == 0)
            outcome.addresses.emplace_back(text.data());
    }
    if (outcome.addresses.empty())
        return failed(EAI_NODATA, 0);
    outcome.ended = verdict::found;
    return outcome;
}

} // namespace replmond::net
