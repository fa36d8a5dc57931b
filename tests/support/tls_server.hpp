#pragma once

#include "tests/support/certificates.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace replmond::testing {

struct tls_options {
    certificate identity;
    std::vector<certificate> intermediates; // sent beside it
    int newest_version = 0;                 // TLS1_1_VERSION, say; 0: whatever OpenSSL offers
    bool demand_identity = false;           // refuses clients without a certificate
    bool say_nothing = false;               // accepts, and never answers the handshake
    bool answer_nothing = false;            // shakes hands, and never answers a request
    bool cut_answer = false;                // closes in the middle of the answer, without a word of TLS
    bool garble_answer = false;             // goes on in the middle of the answer with what is no TLS
    bool close_bluntly = false;             // closes behind the answer, without a word of TLS
    bool ticket_late = false;               // sends another session ticket behind each answer (TLS 1.3)
    bool reset_at_hello = false;            // sends RST instead of an answer to the handshake
    std::string instead;                    // sent instead of an answer to the handshake, then FIN
    bool leave_at_hello = false;            // FIN instead of an answer to the handshake
    std::string unasked;                    // sent behind each answer, in a TLS record of its own
    std::function<std::string(const std::string& target)>
        body; // of the answers; none: the connection's number
};

/// A TLS server that answers every request with the number of its connection, or as it is told. On the given
/// loop; closes everything when it is destroyed.
class tls_server {
public:
    tls_server(boost::asio::io_context& loop, const tls_options& options);
    ~tls_server();
    tls_server(const tls_server&) = delete;
    tls_server& operator=(const tls_server&) = delete;

    std::uint16_t port() const;

    /// Closes every connection; the next ones are served that way.
    void change(const tls_options& options);

    /// The name that each finished handshake asked for; "none" where it asked for none.
    const std::vector<std::string>& names_asked() const;

    std::size_t requests() const;

    /// Answers that were sent with all that comes behind them.
    std::size_t answers() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace replmond::testing
