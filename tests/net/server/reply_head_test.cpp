#include "daemon/net/server/reply_head.hpp"

#include <gtest/gtest.h>

namespace replmond::server {
namespace {

const std::chrono::system_clock::time_point then{std::chrono::seconds(784111777)}; // RFC 9110, section 5.6.7

TEST(ReplyHead, HasWhatTheServerAdds) {
    http::http_reply answer;
    answer.headers.emplace_back("Content-Type", "text/plain");
    answer.body = "hello";
    EXPECT_EQ(reply_head(answer, connection_use::keeps, then),
              "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n"
              "Content-Length: 5\r\n\r\n");
    EXPECT_EQ(reply_head(http::plain_reply(503, "no"), connection_use::closes, then),
              "HTTP/1.1 503 Service Unavailable\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
              "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
              "Connection: close\r\nContent-Length: 3\r\n\r\n");
}

TEST(ReplyHead, ASharedTextHasItsLength) {
    http::http_reply answer;
    http::buffer_chain shared;
    shared.add("shared ");
    shared.add("text");
    answer.shared = std::make_shared<const http::buffer_chain>(std::move(shared));
    EXPECT_NE(reply_head(answer, connection_use::keeps_for_http_1_0, then)
                  .find("Connection: keep-alive\r\nContent-Length: 11\r\n"),
              std::string::npos);
}

TEST(ReplyHead, NoContentHasNoLength) {
    http::http_reply answer;
    answer.status = 204;
    EXPECT_EQ(reply_head(answer, connection_use::keeps, then),
              "HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

TEST(ReplyHead, NoHeaderStartsAnother) {
    http::http_reply answer;
    answer.status = 299;
    answer.headers.emplace_back("X-A", "a\r\nX-B: b");
    answer.headers.emplace_back("X-C\n", "c");
    EXPECT_EQ(reply_head(answer, connection_use::keeps, then),
              "HTTP/1.1 299 \r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n");
}

} // namespace
} // namespace replmond::server
