#pragma once

#include "tests/integration/certificates.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace replmond::testing {

struct tls_options {
    certificate identity;
    int newest_version = 0;      // TLS1_1_VERSION, say; 0: whatever OpenSSL offers
    bool say_nothing = false;    // accepts, and never answers the handshake
    bool answer_nothing = false; // shakes hands, and never answers a request
    bool cut_answer = false;     // closes in the middle of the answer, without a word of TLS
};

/// A TLS server that answers every request with the number of its connection. On the given loop; closes
/// everything when it is destroyed.
class tls_server {
public:
    tls_server(boost::asio::io_context& loop, const tls_options& options);
    ~tls_server();
    tls_server(const tls_server&) = delete;
    tls_server& operator=(const tls_server&) = delete;

    std::uint16_t port() const;

    /// The name that each finished handshake asked for; "none" where it asked for none.
    const std::vector<std::string>& names_asked() const;

    std::size_t requests() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace replmond::testing
