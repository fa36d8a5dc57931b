#include "daemon/net/client/http_client.hpp"
#include "tests/net/client/http_client_fixture.hpp"

namespace replmond::testing {
namespace {

using ::testing::Contains;
using ::testing::Pair;

TEST_F(HttpClient, SendsARequestAndReadsTheAnswer) {
    settings_.user_agent = "replmond/test";
    auto plan = text_answer("{\"a\":1}");
    plan.headers.emplace_back("X-Request-Id", "r1");
    answer(plan);

    const auto answered = get("/v3/p?limit=1&offset=0");
    expect_body(answered, "{\"a\":1}");
    EXPECT_EQ(answered->status, 200);
    EXPECT_THAT(answered->headers, Contains(Pair("X-Request-Id", "r1")));

    ASSERT_EQ(seen_.size(), 1U);
    EXPECT_EQ(seen_[0].method, "GET");
    EXPECT_EQ(seen_[0].target, "/v3/p?limit=1&offset=0");
    EXPECT_EQ(seen_[0].header("Host"), "127.0.0.1:" + std::to_string(server_->port()));
    EXPECT_EQ(seen_[0].header("User-Agent"), "replmond/test");
    EXPECT_EQ(seen_[0].header("X-Auth-Token"), secret_token);
    EXPECT_EQ(seen_[0].header("Content-Length"), std::nullopt);
    EXPECT_EQ(seen_[0].header("Accept"), "application/json");
    EXPECT_EQ(seen_[0].header("Accept-Encoding"), "identity");
    EXPECT_EQ(seen_[0].body, "");
}

TEST_F(HttpClient, SendsABody) {
    answer(text_answer("ok"));
    auto request = make_request("/jobs", "POST");
    request.body = "{\"x\":1}";
    request.headers.emplace_back("Content-Type", "application/json");
    expect_body(send(request), "ok");
    EXPECT_EQ(seen_.back().body, "{\"x\":1}");
    EXPECT_EQ(seen_.back().header("Content-Length"), "7");
    EXPECT_EQ(seen_.back().header("Content-Type"), "application/json");

    expect_body(send(make_request("/empty", "POST")), "ok");
    EXPECT_EQ(seen_.back().header("Content-Length"), "0");
}

TEST_F(HttpClient, EveryStatusIsAnAnswer) {
    serve([](const request& r) {
        auto plan = text_answer("body");
        plan.status = std::stoi(r.path.substr(1));
        if (plan.status == 302)
            plan.headers.emplace_back("Location", "/200");
        return plan;
    });
    for (const int status : {200, 201, 302, 400, 401, 403, 404, 429, 500, 503}) {
        const auto answered = get('/' + std::to_string(status));
        expect_body(answered, "body");
        EXPECT_EQ(answered->status, status);
    }
    EXPECT_EQ(seen_.size(), 10U); // no redirect was followed
    EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpClient, AnAnswerWithoutABody) {
    script plan;
    plan.status = 204;
    answer(plan);
    for (int i = 0; i < 2; ++i) {
        const auto answered = get();
        expect_body(answered, "");
        EXPECT_EQ(answered->status, 204);
    }
    EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpClient, AChunkedAnswer) {
    answer(raw_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "4;ext=1\r\nabcd\r\n3\r\nefg\r\n0\r\nTrailer: t\r\n\r\n"));
    expect_body(get(), "abcdefg");
    expect_body(get(), "abcdefg");
    EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpClient, AnAnswerThatEndsWithTheConnection) {
    auto plan = raw_answer("HTTP/1.0 200 OK\r\n\r\nuntil the end");
    plan.close = true;
    answer(plan);
    expect_body(get(), "until the end");
    expect_body(get(), "until the end");
    EXPECT_EQ(server_->connections(), 2U);
}

TEST_F(HttpClient, ABodyThatIsKnownIsNotCopied) {
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const auto to_the_end = [](const std::string& body) {
        script plan = raw_answer("HTTP/1.1 200 OK\r\n\r\n" + body);
        plan.close = true;
        return plan;
    };
    const std::vector<std::pair<script, std::string>> table = {
        {text_answer("abcdef"), ""},
        {text_answer("abcdeF"), "abcdeF"},
        {text_answer("Abcdef"), "Abcdef"},
        {text_answer("abc"), "abc"},
        {text_answer("abcdefg"), "abcdefg"},
        {text_answer(""), ""},
        {raw_answer(chunked + "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"), ""},
        {raw_answer(chunked + "3\r\nabc\r\n3\r\ndeF\r\n0\r\n\r\n"), "abcdeF"},
        {raw_answer(chunked + "3\r\nabc\r\n0\r\n\r\n"), "abc"},
        {raw_answer(chunked + "6\r\nabcdef\r\n1\r\ng\r\n0\r\n\r\n"), "abcdefg"},
        {to_the_end("abcdef"), ""},
        {to_the_end("abcd"), "abcd"},
        {to_the_end(""), ""},
        {raw_answer("HTTP/1.1 500 Oops\r\nContent-Length: 6\r\n\r\nabcdef"), "abcdef"},
        {raw_answer("HTTP/1.1 204 No Content\r\n\r\n"), ""},
    };
    auto request = make_request();
    request.known_body = std::make_shared<const std::string>("abcdef");
    for (std::size_t i = 0; i < table.size(); ++i) {
        answer(table[i].first);
        const auto read = send(request);
        ASSERT_TRUE(read) << i;
        EXPECT_EQ(read->body, table[i].second) << i;
        const bool is_known = i == 0 || i == 6 || i == 10;
        EXPECT_EQ(read->has_known_body, is_known) << i;
    }
}

TEST_F(HttpClient, InterimAnswersAreSkipped) {
    answer(raw_answer("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                      "HTTP/1.1 100 Continue\r\n\r\n"
                      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfinal"));
    for (int i = 0; i < 2; ++i) {
        const auto answered = get();
        expect_body(answered, "final");
        EXPECT_EQ(answered->status, 200);
    }
    EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpClient, AServerThatNeverComesToItsFinalAnswer) {
    std::string endless;
    for (int i = 0; i < 1000; ++i)
        endless += "HTTP/1.1 100 Continue\r\n\r\n";
    answer(raw_answer(endless));
    expect_failure(get(), poll_result::protocol);
}

TEST_F(HttpClient, ABodyAtItsLimitAndOverIt) {
    serve([](const request& r) { return text_answer(std::string(std::stoul(r.path.substr(1)), 'x')); });
    const std::size_t limit = 8 * 1024 * 1024;
    const auto answered = get('/' + std::to_string(limit));
    ASSERT_TRUE(answered) << answered.error().error_msg;
    EXPECT_EQ(answered->body.size(), limit);
    expect_failure(get('/' + std::to_string(limit + 1)), poll_result::protocol, "body is larger");
}

TEST_F(HttpClient, AChunkedBodyOverTheLimit) {
    settings_.body_limit = 5;
    answer(raw_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "4\r\nabcd\r\n4\r\nabcd\r\n0\r\n\r\n"));
    expect_failure(get(), poll_result::protocol, "body is larger");
}

TEST_F(HttpClient, ABodyWithoutALengthOverTheLimit) {
    settings_.body_limit = 5;
    auto plan = raw_answer("HTTP/1.1 200 OK\r\n\r\nlonger than five");
    plan.close = true;
    answer(plan);
    expect_failure(get(), poll_result::protocol, "body is larger");
}

TEST_F(HttpClient, AHeaderOverTheLimit) {
    auto plan = text_answer("ok");
    plan.headers.emplace_back("X-Long", std::string(70 * 1024, 'h'));
    answer(plan);
    expect_failure(get(), poll_result::protocol, "header is larger");
}

TEST_F(HttpClient, WhatIsNotHttp) {
    const std::vector<std::string> wrong = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a number\r\n",
        std::string("\0\xff\x16\x03\x01\0\0\r\n\r\n", 11),
    };
    serve([&](const request& r) { return raw_answer(wrong.at(std::stoul(r.path.substr(1)))); });
    for (std::size_t i = 0; i < wrong.size(); ++i) {
        SCOPED_TRACE(wrong[i]);
        expect_failure(get('/' + std::to_string(i)), poll_result::protocol);
    }
    EXPECT_EQ(server_->connections(), wrong.size()); // none of them is used again
}

TEST_F(HttpClient, TextsOfFailuresShowNoValuesOfHeaders) {
    const std::string value = "cookie-of-the-server";
    answer(raw_answer("HTTP/1.1 200 OK\r\nSet-Cookie: " + value + "\r\nbroken line\r\n\r\n"));
    const auto answered = get();
    expect_failure(answered, poll_result::protocol);
    EXPECT_THAT(answered.error().error_msg, ::testing::Not(::testing::HasSubstr(value)));
}

TEST(HttpClientSettings, AnUnreadableCaFileIsToldAtOnce) {
    client::client_settings settings;
    settings.ca_file = "/nonexistent/ca.pem";
    EXPECT_THROW(client::make_http_client(http::origin(), settings), std::runtime_error);
}

} // namespace
} // namespace replmond::testing
