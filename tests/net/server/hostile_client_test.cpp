#include "tests/net/server/http_server_fixture.hpp"
#include "tests/support/fault_page.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <list>

/// What a client does and what happens to it: docs/reliability.md has the outcome.
namespace replmond::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct client_row {
    std::string name;
    std::string sends;
    std::string happens; ///< status, and "kept" or "closed"
};

std::string many_headers(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += fmt::format("X-{}: 1\r\n", i);
    return text;
}

std::string with(const std::string& headers, const std::string& line = "GET /a HTTP/1.1") {
    return line + "\r\nHost: h\r\n" + headers + "\r\n";
}

std::vector<client_row> client_rows() {
    return {
        {"HTTP/1.1", with(""), "200, kept"},
        {"HTTP/1.1, `Connection: close`", with("Connection: close\r\n"), "200, closed"},
        {"HTTP/1.0", "GET /a HTTP/1.0\r\n\r\n", "200, closed"},
        {"HTTP/1.0, `Connection: keep-alive`", "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
         "200, kept"},
        {"HTTP/0.9", "GET /a\r\n", "400, closed"},
        {"HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505, closed"},
        {"HTTP/1.2", "GET /a HTTP/1.2\r\nHost: h\r\n\r\n", "505, closed"},
        {"`HTTP/1.10`", "GET /a HTTP/1.10\r\nHost: h\r\n\r\n", "400, closed"},
        {"a version in lower case", "GET /a http/1.1\r\nHost: h\r\n\r\n", "400, closed"},
        {"TLS where none is spoken", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8), "400, closed"},
        {"two spaces in the request line", "GET  /a HTTP/1.1\r\nHost: h\r\n\r\n", "400, closed"},
        {"an empty line first", "\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n", "400, closed"},
        {"a method that is no word", with("", "G@T /a HTTP/1.1"), "400, closed"},
        {"a whole address as target", with("", "GET http://h/a HTTP/1.1"), "400, closed"},
        {"`*` as target", with("", "OPTIONS * HTTP/1.1"), "400, closed"},
        {"CONNECT", with("", "CONNECT h:443 HTTP/1.1"), "400, closed"},
        {"a target without `/`", with("", "GET a HTTP/1.1"), "400, closed"},
        {"a fragment in the target", with("", "GET /a#b HTTP/1.1"), "400, closed"},
        {"a byte over 127 in the target", with("", "GET /\xc3\xa4 HTTP/1.1"), "400, closed"},
        {"NUL in the target", with("", std::string("GET /a\0 HTTP/1.1", 16)), "400, closed"},
        {"NUL in a header", with(std::string("X: a\0b\r\n", 8)), "400, closed"},
        {"lines that end with LF alone", "GET /a HTTP/1.1\nHost: h\n\n", "400, closed"},
        {"CR within a line", with("X: a\rb\r\n"), "400, closed"},
        {"a header folded over two lines", with("X: a\r\n b\r\n"), "400, closed"},
        {"a space before the colon", with("Content-Length : 0\r\n"), "400, closed"},
        {"a header without a name", with(": a\r\n"), "400, closed"},
        {"a header without a colon", with("X\r\n"), "400, closed"},
        {"no Host", "GET /a HTTP/1.1\r\n\r\n", "400, closed"},
        {"two Hosts", with("Host: i\r\n"), "400, closed"},
        {"`Content-Length: 0`", with("Content-Length: 0\r\n", "POST /a HTTP/1.1"), "200, kept"},
        {"a body", with("Content-Length: 4\r\n", "POST /a HTTP/1.1") + "body", "413, closed"},
        {"a body announced, `Expect: 100-continue`",
         with("Content-Length: 4\r\nExpect: 100-continue\r\n", "POST /a HTTP/1.1"), "413, closed"},
        {"a body in chunks",
         with("Transfer-Encoding: chunked\r\n", "POST /a HTTP/1.1") + "4\r\nbody\r\n0\r\n\r\n",
         "413, closed"},
        {"Content-Length and Transfer-Encoding", with("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
         "400, closed"},
        {"two Content-Lengths", with("Content-Length: 0\r\nContent-Length: 0\r\n"), "400, closed"},
        {"`Content-Length: 0, 0`", with("Content-Length: 0, 0\r\n"), "400, closed"},
        {"`Content-Length: +0`", with("Content-Length: +0\r\n"), "400, closed"},
        {"`Content-Length: -1`", with("Content-Length: -1\r\n"), "400, closed"},
        {"a Content-Length of 30 digits", with("Content-Length: " + std::string(30, '9') + "\r\n"),
         "400, closed"},
        {"`Transfer-Encoding: gzip, chunked`", with("Transfer-Encoding: gzip, chunked\r\n"), "400, closed"},
        {"`Transfer-Encoding: xchunked`", with("Transfer-Encoding: xchunked\r\n"), "400, closed"},
        {"two Transfer-Encodings", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
         "400, closed"},
        {"Transfer-Encoding in HTTP/1.0", with("Transfer-Encoding: chunked\r\n", "GET /a HTTP/1.0"),
         "400, closed"},
        {"100 headers", with(many_headers(99)), "200, kept"},
        {"101 headers", with(many_headers(100)), "431, closed"},
        {"a header of 16 KiB", with("X: " + std::string(16 * 1024, 'x') + "\r\n"), "431, closed"},
        {"headers without an end", "GET /a HTTP/1.1\r\nX: " + std::string(1024 * 1024, 'x'), "431, closed"},
        {"a request line over 8 KiB", with("", "GET /" + std::string(8 * 1024, 'a') + " HTTP/1.1"),
         "414, closed"},
        {"a second request at once", with("") + with("", "GET /b HTTP/1.1"), "200, 200, kept"},
        {"a second request behind `Connection: close`", with("Connection: close\r\n") + with(""),
         "200, closed"},
        {"a second request that is none", with("") + "nonsense\r\n\r\n", "200, 400, closed"},
    };
}

class HostileClient : public HttpServer {
protected:
    /// The statuses of all answers, and whether the server closed.
    std::string outcome_of(const client_row& row) {
        auto peer = client();
        peer.send_all(row.sends);
        const bool stays = row.happens.ends_with("kept");
        std::string text;
        if (stays) { // it is kept when it can be asked again
            peer.send_all("GET /last HTTP/1.1\r\nHost: h\r\n\r\n");
            text = peer.read_to("GET /last\n");
            text = text.substr(0, text.rfind("HTTP/1.1 "));
        } else {
            text = peer.read_all();
            EXPECT_TRUE(text.find(" 200 ") != std::string::npos || refused_.back() >= 400);
            EXPECT_EQ(peer.ending(), boost::asio::error::eof); // not reset: that would lose the answer
        }
        std::string outcome;
        for (std::size_t at = text.find("HTTP/1.1 "); at != std::string::npos;
             at = text.find("HTTP/1.1 ", at + 1))
            outcome += text.substr(at + 9, 3) + ", ";
        return outcome + (peer.ended() ? "closed" : "kept");
    }
};

// REPLMOND_UPDATE=1 writes the table anew.
TEST_F(HostileClient, EachIsAnsweredAndHarmsNobody) {
    auto witness = client();
    std::string table = "| what a client sends | what happens |\n| --- | --- |\n";
    for (const client_row& row : client_rows()) {
        SCOPED_TRACE(row.name);
        const std::string outcome = outcome_of(row);
        EXPECT_EQ(outcome, row.happens);
        table += fmt::format("| {} | {} |\n", in_a_cell(row.name), outcome);
        witness.send("GET /witness HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_THAT(witness.read_to("GET /witness\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
    }
    for (const auto& request : seen_)
        EXPECT_TRUE(request.body.empty());

    const std::string path = REPLMOND_SOURCE_DIR "/docs/reliability.md";
    std::ifstream file(path);
    const std::string page(std::istreambuf_iterator<char>(file), {});
    if (std::getenv("REPLMOND_UPDATE") != nullptr && !HasFailure())
        std::ofstream(path) << with_table(page, table, "HostileClient");
    else
        EXPECT_EQ(stored_table(page, "HostileClient"), table)
            << "run this test with REPLMOND_UPDATE=1, then read the difference";
}

// The same bytes one at a time: nothing depends on where a read ends.
TEST_F(HostileClient, InSinglePiecesTheSameHappens) {
    for (const client_row& row : client_rows()) {
        if (row.sends.size() > 200)
            continue;
        SCOPED_TRACE(row.name);
        auto peer = client();
        for (const char c : row.sends) {
            peer.send(std::string_view(&c, 1));
            loop_.restart();
            loop_.poll();
        }
        const std::string status = row.happens.substr(0, 3);
        EXPECT_THAT(peer.read_to("\r\n"), StartsWith("HTTP/1.1 " + status));
    }
}

TEST_F(HostileClient, AScraperBetweenScrapesStaysWhileSilentOnesCome) {
    limits_.connections = 8;
    auto scraper = client();
    scraper.send("GET /shared HTTP/1.1\r\nHost: h\r\n\r\n");
    scraper.read_to("\r\n\r\n");
    EXPECT_EQ(scraper.read_bytes(large_answer).size(), large_answer);
    std::list<raw_client> silent;
    for (int i = 0; i < 100; ++i)
        silent.push_back(client());
    run_until(loop_, [&] { return server_->connections() == 8 && group_.size() == 9; });
    scraper.send(with(""));
    EXPECT_THAT(scraper.read_to("GET /a\n"), HasSubstr(" 200 OK"));
}

TEST_F(HostileClient, ACrowdFromOneAddressTakesNoPlaceOfOthers) {
    limits_.connections = 8;
    serve();
    raw_client other(loop_, server_->addresses().front(), "127.0.0.2");
    other.send(with(""));
    EXPECT_THAT(other.read_to("GET /a\n"), HasSubstr(" 200 OK"));
    std::list<raw_client> crowd;
    for (int i = 0; i < 300; ++i) {
        crowd.push_back(client());
        crowd.back().send(with("")); // no worse than the other, and newer
        settle();
    }
    other.send(with(""));
    EXPECT_THAT(other.read_to("GET /a\n"), HasSubstr(" 200 OK"));
    EXPECT_EQ(server_->connections(), 8U);
}

} // namespace
} // namespace replmond::testing
