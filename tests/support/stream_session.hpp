#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace replmond::testing {

/// What a session answers: bytes, which may be none, and then perhaps the end.
struct stream_reply {
    std::string bytes;
    bool close = false; // FIN, after the bytes
};

/// One connection of a server, without its socket. It is destroyed when the connection ends.
class stream_session {
public:
    virtual ~stream_session() = default;

    /// The server speaks first.
    virtual stream_reply begin() = 0;

    /// What to say to bytes of the client, which come in any pieces.
    virtual stream_reply receive(std::string_view bytes) = 0;
};

/// The session of a connection to an address of ours; null: the connection is closed at once.
using session_factory =
    std::function<std::unique_ptr<stream_session>(const std::string& local, const std::string& peer)>;

} // namespace replmond::testing
