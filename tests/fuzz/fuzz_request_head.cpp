// The head of a request to the web server: what is let through reads the same wherever a read ends, and has
// no byte in it that another reader could take for the end of a line.
#include "daemon/core/http/request_validator.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace replmond;

namespace {

http::head_validator::state in_pieces(http::head_validator& screen, std::string_view text) {
    for (std::size_t length = 0; length < text.size(); ++length) {
        const auto now = screen.look(text.substr(0, length));
        if (now != http::head_validator::state::incomplete)
            return now;
    }
    return screen.look(text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    http::head_validator at_once({});
    http::head_validator piece_by_piece({});
    const auto state = at_once.look(text);
    if (in_pieces(piece_by_piece, text) != state)
        std::abort();
    if (state != http::head_validator::state::whole)
        return 0;
    const std::string_view head = text.substr(0, at_once.length());
    if (piece_by_piece.length() != head.size() || !head.ends_with("\r\n\r\n") || head.size() > 16 * 1024)
        std::abort();
    if (head.find('\0') != head.npos || head.find("\r\n ") != head.npos || head.find("\r\n\t") != head.npos)
        std::abort();
    for (std::size_t at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1)) {
        if (at == 0 || head[at - 1] != '\r')
            std::abort();
    }
    return 0;
}
