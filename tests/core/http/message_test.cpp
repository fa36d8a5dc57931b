#include "daemon/core/http/message.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>

namespace replmond::http {
namespace {

TEST(Message, HeadersAreFoundInAnyCase) {
    const header_list headers{{"Accept", "a"}, {"X-One", "1"}, {"ACCEPT", "b"}};
    EXPECT_EQ(find_header(headers, "accept"), "a");
    EXPECT_EQ(find_header(headers, "x-ONE"), "1");
    EXPECT_EQ(find_header(headers, "x-two"), "");
    EXPECT_EQ(joined_header(headers, "Accept"), "a, b");
    EXPECT_EQ(joined_header(headers, "x-two"), "");
}

TEST(Message, AFailureSaysTheFirst256BytesOfWhatWasThrown) {
    const auto text_of = [](const auto& thrown) {
        return failure_of(std::make_exception_ptr(thrown), nullptr).error_msg;
    };
    EXPECT_EQ(text_of(std::runtime_error("no memory")), "no memory");
    EXPECT_EQ(text_of(std::runtime_error(std::string(300, 'x'))), std::string(256, 'x'));
    EXPECT_EQ(text_of(1), "something that is no std::exception was thrown");
}

TEST(Message, APlainReplyIsALine) {
    const http_reply reply = plain_reply(404, "not found");
    EXPECT_EQ(reply.status, 404);
    EXPECT_EQ(reply.body, "not found\n");
    EXPECT_EQ(reply.headers, (header_list{{"Content-Type", "text/plain; charset=utf-8"},
                                          {"X-Content-Type-Options", "nosniff"}}));
}

} // namespace
} // namespace replmond::http
