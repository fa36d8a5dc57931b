#include "daemon/core/http/address.hpp"
#include "daemon/core/http/request_validator.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::http {
namespace {

using state = head_validator::state;

const std::string good = "GET /metrics?a=b HTTP/1.1\r\nHost: h:1\r\nAccept: */*\r\nX-Empty:\r\n\r\n";

state look_at(const std::string& text, head_limits limits = {}) {
    head_validator screen(limits);
    return screen.look(text);
}

int status_of(const std::string& text, head_limits limits = {}) {
    head_validator screen(limits);
    return screen.look(text) == state::refused ? screen.why().status : 0;
}

TEST(RequestValidator, AWholeHeadAndWhatIsBehindIt) {
    head_validator screen({});
    EXPECT_EQ(screen.look(good + "GET /next"), state::whole);
    EXPECT_EQ(screen.length(), good.size());
}

TEST(RequestValidator, EveryPieceOfAGoodHeadIsIncomplete) {
    head_validator screen({});
    for (std::size_t length = 0; length < good.size(); ++length)
        EXPECT_EQ(screen.look(std::string_view(good).substr(0, length)), state::incomplete) << length;
    EXPECT_EQ(screen.look(good), state::whole);
}

TEST(RequestValidator, ABadByteIsRefusedAtOnce) {
    EXPECT_EQ(status_of("GET /\n"), 400);
    EXPECT_EQ(status_of("\x16"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\rX"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\r\n"), 400);
    EXPECT_EQ(status_of(std::string("\0", 1)), 400);
    EXPECT_EQ(status_of("G\x7f"), 400);
}

TEST(RequestValidator, LimitsHoldToTheByte) {
    head_limits limits;
    limits.request_line = 20;
    EXPECT_EQ(look_at("GET /12345 HTTP/1.1\r\n\r\n", limits), state::refused); // 21 with its end
    EXPECT_EQ(status_of("GET /12345 HTTP/1.1\r\n\r\n", limits), 414);
    EXPECT_EQ(look_at("GET /123 HTTP/1.1\r\n", limits), state::incomplete);
    EXPECT_EQ(status_of(std::string(21, 'G'), limits), 414);
    limits = {};
    limits.header_bytes = good.size();
    EXPECT_EQ(look_at(good, limits), state::whole);
    --limits.header_bytes;
    EXPECT_EQ(status_of(good, limits), 431);
    limits = {};
    limits.headers = 3;
    EXPECT_EQ(look_at(good, limits), state::whole);
    limits.headers = 2;
    EXPECT_EQ(status_of(good, limits), 431);
}

TEST(RequestValidator, HeadersMayHoldWhatIsNoAscii) {
    EXPECT_FALSE(check_header_line("X: \xc3\xa4\ttab"));
    EXPECT_TRUE(check_header_line("X\xc3\xa4: 1"));
}

int framing(const header_list& headers, bool is_http_1_1 = true) {
    const auto bad = check_framing(headers, is_http_1_1);
    return bad ? bad->status : 0;
}

TEST(RequestValidator, Framing) {
    EXPECT_EQ(framing({{"host", "h"}}), 0);
    EXPECT_EQ(framing({}), 400);
    EXPECT_EQ(framing({}, false), 0);
    EXPECT_EQ(framing({{"Host", "h"}, {"CONTENT-LENGTH", "000"}}), 0);
    EXPECT_EQ(framing({{"Host", "h"}, {"Content-Length", "00001"}}), 413);
    EXPECT_EQ(framing({{"Host", "h"}, {"Content-Length", ""}}), 400);
    EXPECT_EQ(framing({{"Host", "h"}, {"Transfer-Encoding", "CHUNKED"}}), 413);
    EXPECT_EQ(framing({{"Host", "h"}, {"Transfer-Encoding", "identity"}}), 400);
    EXPECT_EQ(framing({{"Host", "h"}, {"Transfer-Encoding", "chunked"}, {"Content-Length", "0"}}), 400);
}

TEST(ListenAddress, Reads) {
    EXPECT_EQ(parse_listen_address(":10930").host, "");
    EXPECT_EQ(parse_listen_address(":10930").port, 10930);
    EXPECT_EQ(parse_listen_address("[::1]:0").host, "::1");
    EXPECT_EQ(parse_listen_address("localhost:1").host, "localhost");
    EXPECT_THROW(parse_listen_address("::1:80"), std::invalid_argument);
}

} // namespace
} // namespace replmond::http
