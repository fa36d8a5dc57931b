#include "tests/net/client/http_client_fixture.hpp"
#include "tests/support/tls_server.hpp"
#include "tests/support/tunnel_proxy.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdio>
#include <fstream>
#include <unistd.h>

/// Through a proxy: what it is asked, and what is said of each way in which it can fail.
namespace replmond::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string proxy_secret = "aHVudGVyMjpodW50ZXIy"; // hunter2:hunter2

class HttpClientProxy : public HttpClient {
protected:
    void TearDown() override {
        tls_.reset();
        proxy_.reset();
        HttpClient::TearDown();
        if (settings_.ca_file)
            std::remove(settings_.ca_file->c_str());
    }

    void use_proxy(std::uint16_t port, bool with_credentials = true) {
        http::proxy via;
        via.at.tls = false;
        via.at.host = "127.0.0.1";
        via.at.port = port;
        if (with_credentials)
            via.authorization = "Basic " + proxy_secret;
        settings_.proxy = via;
    }

    // A client of an origin that this host cannot resolve.
    void connect_to_far(bool tls = false) {
        http::origin far;
        far.tls = tls;
        far.host = "far.test";
        far.port = 8443;
        connect_to(far);
    }

    // As above, and there is such an origin behind the proxy.
    void connect_by_tls() {
        const certificate authority = make_authority("replmond test authority");
        settings_.ca_file =
            ::testing::TempDir() + "/replmond-proxy-ca-" + std::to_string(::getpid()) + ".pem";
        std::ofstream(*settings_.ca_file) << authority.pem();
        certificate_wish wish;
        wish.alternative_names = "DNS:far.test";
        tls_options options;
        options.identity = make_certificate(authority, wish);
        tls_ = std::make_unique<tls_server>(loop_, options);
        proxy_ = std::make_unique<tunnel_proxy>(loop_, tls_->port());
        use_proxy(proxy_->port());
        connect_to_far(true);
    }

    // The scripted server plays the proxy.
    void proxy_answers(const script& plan, bool with_credentials = true) {
        answer(plan);
        use_proxy(server_->port(), with_credentials);
        connect_to_far();
    }

    void expect_no_tunnel(poll_result kind, const std::string& text) {
        const auto answered = get("/", never);
        expect_failure(answered, kind, text);
        EXPECT_THAT(answered.error().error_msg,
                    HasSubstr("the proxy 127.0.0.1:" + std::to_string(server_->port())));
        EXPECT_THAT(answered.error().error_msg, Not(HasSubstr(proxy_secret)));
        EXPECT_THAT(answered.error().error_msg, Not(HasSubstr("hunter2")));
        // The request, and the secret in it, has not left.
        for (const request& seen : seen_)
            EXPECT_EQ(seen.method, "CONNECT");
    }

    std::unique_ptr<tunnel_proxy> proxy_;
    std::unique_ptr<tls_server> tls_;
};

TEST_F(HttpClientProxy, AsksForATunnelAndUsesIt) {
    settings_.user_agent = "replmond/test";
    answer(text_answer("through"));
    proxy_ = std::make_unique<tunnel_proxy>(loop_, server_->port());
    use_proxy(proxy_->port());
    connect_to_far();
    expect_body(get("/v3/list"), "through");
    expect_body(get("/v3/list"), "through");
    EXPECT_EQ(proxy_->asked(), std::vector<std::string>{"CONNECT far.test:8443 HTTP/1.1\r\n"
                                                        "Host: far.test:8443\r\n"
                                                        "User-Agent: replmond/test\r\n"
                                                        "Proxy-Authorization: Basic " +
                                                        proxy_secret + "\r\n\r\n"});
    // The proxy's credentials are no affair of the origin, and its secrets none of the proxy.
    ASSERT_EQ(seen_.size(), 2U);
    EXPECT_EQ(seen_[0].target, "/v3/list");
    EXPECT_EQ(seen_[0].header("Host"), "far.test:8443");
    EXPECT_EQ(seen_[0].header("Proxy-Authorization"), std::nullopt);
}

TEST_F(HttpClientProxy, WithoutCredentials) {
    answer(text_answer("through"));
    proxy_ = std::make_unique<tunnel_proxy>(loop_, server_->port());
    use_proxy(proxy_->port(), false);
    http::origin v6;
    v6.tls = false;
    v6.host = "2001:db8::1";
    v6.port = 80;
    connect_to(v6);
    expect_body(get(), "through");
    EXPECT_EQ(proxy_->asked().at(0), "CONNECT [2001:db8::1]:80 HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n");
    EXPECT_EQ(seen_.at(0).header("Host"), "[2001:db8::1]");
}

TEST_F(HttpClientProxy, TlsThroughTheTunnel) {
    connect_by_tls();
    expect_body(get(), "1");
    expect_body(get(), "1");
    EXPECT_THAT(proxy_->asked().at(0), StartsWith("CONNECT far.test:8443 "));
    EXPECT_EQ(proxy_->asked().size(), 1U);
    EXPECT_EQ(tls_->names_asked(), std::vector<std::string>{"far.test"});
}

// One turn of the loop later each time, so that every await on the way is hit, until one comes through.
TEST_F(HttpClientProxy, CancelledAtEveryStepOfTheLoop) {
    connect_by_tls();
    bool ended = false;
    for (int turns = 0; !ended && turns < 1000; ++turns) {
        reconnect();
        const auto request = make_request();
        const auto running = start(loop_, client_->exchange(request, never));
        loop_.restart();
        for (int i = 0; i < turns && !running->done; ++i)
            loop_.run_one_for(patience);
        ended = running->done;
        cancel(loop_, running);
        try {
            const auto answered = finish(loop_, running);
            EXPECT_TRUE(answered) << answered.error().error_msg;
        } catch (const boost::system::system_error& e) {
            EXPECT_EQ(e.code(), boost::asio::error::operation_aborted);
        }
    }
    EXPECT_TRUE(ended);
}

TEST_F(HttpClientProxy, AProxyThatPretendsToBeTheOrigin) {
    answer(text_answer("no TLS"));
    proxy_ = std::make_unique<tunnel_proxy>(loop_, server_->port());
    use_proxy(proxy_->port());
    connect_to_far(true);
    expect_failure(get(), poll_result::tls,
                   "TLS handshake with far.test:8443 through the proxy 127.0.0.1:" +
                       std::to_string(proxy_->port()));
    EXPECT_TRUE(seen_.empty());
}

TEST_F(HttpClientProxy, StatusesThatRefuse) {
    struct row {
        int status;
        bool with_credentials;
        std::string text;
    };
    const std::vector<row> table{
        {407, false, "wants a user and a password (407): put them into proxy_url"},
        {407, true, "refuses the user and password in proxy_url (407)"},
        {401, true, "refuses the user and password in proxy_url (401)"},
        {403, true, "does not allow a tunnel to far.test:8443 (403)"},
        {500, true, "cannot reach far.test:8443 (500)"},
        {502, true, "cannot reach far.test:8443 (502)"},
        {503, true, "cannot reach far.test:8443 (503)"},
        {504, true, "cannot reach far.test:8443 (504)"},
        {405, true, "made no tunnel to far.test:8443 (status 405)"},
        {302, true, "made no tunnel to far.test:8443 (status 302)"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.status);
        script plan = text_answer("hunter2 is not right");
        plan.status = r.status;
        proxy_answers(plan, r.with_credentials);
        expect_no_tunnel(poll_result::network, r.text);
    }
}

TEST_F(HttpClientProxy, AnswersThatAreNone) {
    struct row {
        script plan;
        poll_result result;
        std::string text;
    };
    auto closing = raw_answer("HTTP/1.1 200 Conn");
    closing.close = true;
    const std::vector<row> table{
        {broken(fault::close_before_answer), poll_result::network, "closed the connection instead of"},
        {closing, poll_result::network, "closed the connection instead of"},
        {broken(fault::reset_before_answer), poll_result::network, "Connection reset by peer"},
        {raw_answer("SSH-2.0-OpenSSH_9.2\r\n\r\n"), poll_result::protocol, "does not answer in HTTP"},
        {raw_answer("HTTP/1.1 200 OK\r\nX-Long: " + std::string(70 * 1024, 'x') + "\r\n\r\n"),
         poll_result::protocol, "larger than allowed"},
        {raw_answer("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsmuggle"),
         poll_result::protocol, "before the tunnel is used"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.text);
        proxy_answers(r.plan);
        expect_no_tunnel(r.result, r.text);
    }
}

TEST_F(HttpClientProxy, InterimAnswersAreSkipped) {
    answer(text_answer("through"));
    proxy_ = std::make_unique<tunnel_proxy>(loop_, server_->port(),
                                            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
    use_proxy(proxy_->port());
    connect_to_far();
    expect_body(get(), "through");
}

TEST_F(HttpClientProxy, InterimAnswersWithoutAnEnd) {
    std::string endless;
    for (int i = 0; i < 1000; ++i)
        endless += "HTTP/1.1 100 Continue\r\n\r\n";
    proxy_answers(raw_answer(endless));
    expect_no_tunnel(poll_result::protocol, "without an end");
}

TEST_F(HttpClientProxy, AProxyThatDoesNotListen) {
    {
        boost::asio::ip::tcp::acceptor gone(loop_, {boost::asio::ip::address_v4::loopback(), 0});
        use_proxy(gone.local_endpoint().port());
    }
    connect_to_far();
    expect_failure(get(), poll_result::network,
                   "cannot connect to the proxy 127.0.0.1:" + std::to_string(settings_.proxy->at.port) +
                       ": Connection refused");
}

TEST_F(HttpClientProxy, AProxyThatHangs) {
    proxy_answers(broken(fault::hang_before_answer));
    expect_failure(get("/", soon), poll_result::timeout,
                   "asking the proxy 127.0.0.1:" + std::to_string(server_->port()) +
                       " for a tunnel to far.test:8443 was not done");

    const auto request = make_request();
    const auto running = start(loop_, client_->exchange(request, never));
    run_until(loop_, [&] { return seen_.size() == 2; });
    cancel(loop_, running);
    EXPECT_THROW(finish(loop_, running), boost::system::system_error);
}

} // namespace
} // namespace replmond::testing
