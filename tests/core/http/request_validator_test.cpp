#include "daemon/core/http/address.hpp"
#include "daemon/core/http/request_validator.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
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

const char* const no_request_line = "the request line is not METHOD PATH HTTP/1.1";
const char* const no_path = "the request target is not a path";
const char* const no_known_version = "this HTTP version is not supported";
const char* const folded = "a header is folded over lines";
const char* const no_header = "a header is not NAME: VALUE";

/// What is said of a line; status 0: nothing.
std::pair<int, std::string> said(const std::optional<refusal>& bad) {
    return bad ? std::pair(bad->status, std::string(bad->why)) : std::pair(0, std::string());
}

TEST(RequestValidator, RequestLines) {
    struct row {
        const char* line;
        int status;
        const char* why;
    };
    const std::vector<row> table{
        {"GET / HTTP/1.1", 0, ""},
        {"GET / HTTP/1.0", 0, ""},
        {"azAZ09!#$%&'*+-.^_`|~ /~! HTTP/1.1", 0, ""},
        {"GET / HTTP/0.9", 505, no_known_version},
        {"GET / HTTP/9.0", 505, no_known_version},
        {"GET / HTTP/1.2", 505, no_known_version},
        {"GET / HTTP/x.1", 400, no_request_line},
        {"GET / HTTP/1.x", 400, no_request_line},
        {"GET / HTTP/1.:", 400, no_request_line},
        {"GET / HTTP/1./", 400, no_request_line},
        {"GET / HTTP/1x1", 400, no_request_line},
        {"GET / HTTP/1.10", 400, no_request_line},
        {"GET / HTTP/1.", 400, no_request_line},
        {"GET / XTTP/1.1", 400, no_request_line},
        {"GET / http/1.1", 400, no_request_line},
        {"", 400, no_request_line},
        {"GET", 400, no_request_line},
        {"GET HTTP/1.1", 400, no_request_line},
        {" / HTTP/1.1", 400, no_request_line},
        {"(GET / HTTP/1.1", 400, no_request_line},
        {"G(T / HTTP/1.1", 400, no_request_line},
        {"GET  HTTP/1.1", 400, no_request_line},
        {"GET /a b HTTP/1.1", 400, no_request_line},
        {"GET /\x80 HTTP/1.1", 400, no_request_line},
        {"GET x HTTP/1.1", 400, no_path},
        {"GET * HTTP/1.1", 400, no_path},
        {"GET /#a HTTP/1.1", 400, no_path},
    };
    for (const row& r : table)
        EXPECT_EQ(said(check_request_line(r.line)), std::pair(r.status, std::string(r.why))) << r.line;
}

TEST(RequestValidator, HeaderLines) {
    struct row {
        const char* line;
        const char* why;
    };
    const std::vector<row> table{
        {"azAZ09!#$%&'*+-.^_`|~: 1", ""},
        {"X:", ""},
        {" X: 1", folded},
        {"\tX: 1", folded},
        {"X", no_header},
        {": 1", no_header},
        {"X : 1", no_header},
        {"(X: 1", no_header},
        {"X{: 1", no_header},
        {"X@: 1", no_header},
        {"X[: 1", no_header},
        {"X/: 1", no_header},
    };
    for (const row& r : table)
        EXPECT_EQ(said(check_header_line(r.line)), std::pair(*r.why == 0 ? 0 : 400, std::string(r.why)))
            << r.line;
}

TEST(RequestValidator, AHeadMayHaveNoHeaders) {
    EXPECT_EQ(look_at("GET / HTTP/1.1\r\n\r\n"), state::whole);
    EXPECT_EQ(status_of("\r\n"), 400); // no request line
    EXPECT_EQ(look_at("GET / HTTP/1.1\r\nX: a\tb\r\n\r\n"), state::whole);
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
    EXPECT_EQ(look_at("GET /1234 HTTP/1.1\r\nX: a header may be longer\r\n\r\n", limits), state::whole);
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
    EXPECT_EQ(framing({{"host", "h"}, {"Accept", "*/*"}}), 0);
    EXPECT_EQ(framing({{"Accept", "*/*"}}), 400);
    EXPECT_EQ(framing({{"Host", "h"}, {"Host", "h"}}), 400);
    EXPECT_EQ(framing({{"Host", "h"}, {"Content-Length", "0"}, {"Content-Length", "0"}}), 400);
    EXPECT_EQ(framing({{"Host", "h"}, {"Content-Length", "0x"}}), 400);
    EXPECT_EQ(framing({{"Host", "h"}, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}),
              400);
    EXPECT_EQ(framing({{"Host", "h"}, {"Transfer-Encoding", "chunked"}}, false), 400);
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
    EXPECT_EQ(parse_listen_address(":65535").port, 65535);
    EXPECT_THROW(parse_listen_address("::1:80"), std::invalid_argument);
}

TEST(ListenAddress, SaysWhatIsWrong) {
    const auto mistake_of = [](const char* text) -> std::string {
        try {
            parse_listen_address(text);
        } catch (const std::invalid_argument& e) {
            return e.what();
        }
        return "";
    };
    for (const std::string text : {"", "host", "[::1]", "[a:80]", "[::1:80", "::1]:80", "[host]:80"})
        EXPECT_EQ(mistake_of(text.c_str()), "expected [HOST]:PORT, got \"" + text + '"');
    for (const std::string port : {"", "80x", "65536", "-1", "http"})
        EXPECT_EQ(mistake_of((':' + port).c_str()), "expected a port from 0 to 65535, got \"" + port + '"');
}

} // namespace
} // namespace replmond::http
