#include "daemon/core/model/time.hpp"
#include "tests/net/client/http_client_fixture.hpp"
#include "tests/net/client/scripted_names.hpp"
#include "tests/support/tls_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <openssl/ssl.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <unistd.h>

namespace replmond::testing {
namespace {

// The day so many seconds from now, as the beginning of an RFC 3339 date.
std::string date_in(long seconds) {
    const auto at = std::chrono::system_clock::now() + std::chrono::seconds(seconds);
    return to_rfc3339(std::chrono::floor<std::chrono::milliseconds>(at)).substr(0, 11);
}

class HttpClientTls : public HttpClient {
protected:
    void TearDown() override {
        tls_.reset();
        HttpClient::TearDown();
        if (settings_.ca_file)
            std::remove(settings_.ca_file->c_str());
    }

    void trust(const certificate& authority) {
        settings_.ca_file = ::testing::TempDir() + "/replmond-ca-" + std::to_string(::getpid()) + ".pem";
        std::ofstream(*settings_.ca_file) << authority.pem();
    }

    void serve_tls(const tls_options& options) { tls_ = std::make_unique<tls_server>(loop_, options); }

    void serve_with(const certificate_wish& wish) {
        tls_options options;
        options.identity = make_certificate(authority_, wish);
        serve_tls(options);
    }

    // A client of the server, which it is told to know as `host`.
    void connect_as(const std::string& host) {
        http::origin to;
        to.host = host;
        to.port = tls_ ? tls_->port() : server_->port();
        connect_to(to);
    }

    void expect_refusal(const std::string& text) {
        expect_failure(get(), poll_result::tls, text);
        EXPECT_EQ(tls_->requests(), 0U); // and the secret has not left
    }

    certificate authority_ = make_authority("replmond test authority");
    std::unique_ptr<tls_server> tls_;
};

TEST_F(HttpClientTls, ConnectsAndKeepsTheConnection) {
    trust(authority_);
    serve_with({});
    connect_as("localhost");
    expect_body(get(), "1");
    expect_body(get(), "1");
    reconnect();
    expect_body(get(), "2");
    EXPECT_EQ(tls_->names_asked(), (std::vector<std::string>{"localhost", "localhost"}));
}

// The dot keeps a resolver from trying its search domains; it is no part of the name that TLS knows.
TEST_F(HttpClientTls, ADotAtTheEndOfTheHost) {
    trust(authority_);
    serve_with({});
    const auto names = std::make_shared<scripted_names>();
    names->set("localhost.", scripted_names::found({"127.0.0.1"}));
    settings_.names =
        std::make_shared<client::resolver>(http::lookup_limits{}, scripted_names::function_of(names));
    connect_as("localhost.");
    expect_body(get(), "1");
    EXPECT_EQ(tls_->names_asked(), (std::vector<std::string>{"localhost"}));
}

TEST_F(HttpClientTls, AnAddressIsVerifiedToo) {
    trust(authority_);
    serve_with({});
    connect_as("127.0.0.1");
    expect_body(get(), "1");
    EXPECT_EQ(tls_->names_asked().at(0), "none"); // SNI carries no addresses
}

TEST_F(HttpClientTls, AnotherHostsCertificate) {
    trust(authority_);
    certificate_wish wish;
    wish.alternative_names = "DNS:other.example,IP:192.0.2.1";
    serve_with(wish);
    connect_as("localhost");
    expect_refusal(
        "its certificate is for other.example, 192.0.2.1, not for localhost; is the endpoint right?");
}

TEST_F(HttpClientTls, AnotherAddressesCertificate) {
    trust(authority_);
    certificate_wish wish;
    wish.alternative_names = "DNS:127.0.0.1,IP:192.0.2.1";
    serve_with(wish);
    connect_as("127.0.0.1");
    expect_refusal("its certificate is for 127.0.0.1, 192.0.2.1, not for 127.0.0.1");
}

TEST_F(HttpClientTls, AnUnknownIssuer) {
    trust(make_authority("replmond another authority"));
    serve_with({});
    connect_as("localhost");
    expect_refusal("its certificate is signed by \"CN=replmond test authority\", which this host does not "
                   "trust; if a private authority signed it, name its certificate in ca_file");
}

TEST_F(HttpClientTls, OnlyTheSystemsAuthoritiesWithoutACaFile) {
    serve_with({});
    connect_as("localhost");
    expect_refusal("name its certificate in ca_file");
}

TEST_F(HttpClientTls, ASelfSignedCertificate) {
    trust(make_authority("replmond another authority"));
    tls_options options;
    options.identity = authority_;
    serve_tls(options);
    connect_as("localhost");
    expect_refusal("its certificate is self-signed; if that is intended, name it in ca_file");
}

TEST_F(HttpClientTls, AnAuthoritysCertificateIsNoServers) {
    trust(authority_);
    tls_options options;
    options.identity = authority_;
    serve_tls(options);
    connect_as("localhost");
    expect_refusal("its certificate: unsuitable certificate purpose");
}

TEST_F(HttpClientTls, AnIntermediateThatIsSent) {
    trust(authority_);
    const certificate middle = make_intermediate("replmond test intermediate", authority_);
    tls_options options;
    options.identity = make_certificate(middle);
    options.intermediates = {middle};
    serve_tls(options);
    connect_as("localhost");
    expect_body(get(), "1");
}

TEST_F(HttpClientTls, AnIntermediateThatIsMissing) {
    trust(authority_);
    tls_options options;
    options.identity = make_certificate(make_intermediate("replmond test intermediate", authority_));
    serve_tls(options);
    connect_as("localhost");
    expect_refusal("else the server does not send its intermediate certificate");
}

TEST_F(HttpClientTls, AnIntermediateOfAnUnknownAuthority) {
    trust(make_authority("replmond another authority"));
    const certificate middle = make_intermediate("replmond test intermediate", authority_);
    tls_options options;
    options.identity = make_certificate(middle);
    options.intermediates = {middle};
    serve_tls(options);
    connect_as("localhost");
    expect_refusal("signed by \"CN=replmond test authority\", which this host does not trust");
    EXPECT_THAT(get().error().error_msg, ::testing::Not(::testing::HasSubstr("intermediate")));

    options.intermediates = {middle, authority_};
    serve_tls(options);
    connect_as("localhost");
    expect_refusal("the authority's certificate \"CN=replmond test authority\" is not trusted here");
}

TEST_F(HttpClientTls, TheSystemsAuthoritiesAndTheCaFile) {
    const certificate system = make_authority("replmond system authority");
    const std::string file = ::testing::TempDir() + "/replmond-system-" + std::to_string(::getpid()) + ".pem";
    std::ofstream(file) << system.pem();
    ::setenv("SSL_CERT_FILE", file.c_str(), 1);
    trust(authority_);
    for (const certificate& issuer : {system, authority_}) {
        tls_options options;
        options.identity = make_certificate(issuer);
        serve_tls(options);
        connect_as("localhost");
        expect_body(get(), "1");
    }
    ::unsetenv("SSL_CERT_FILE");
    std::remove(file.c_str());
}

TEST_F(HttpClientTls, AnExpiredCertificate) {
    trust(authority_);
    certificate_wish wish;
    wish.valid_from = -7200;
    wish.valid_until = -3600;
    serve_with(wish);
    connect_as("localhost");
    expect_refusal("its certificate has expired at " + date_in(-3600));
    expect_refusal("check this host's clock");
}

TEST_F(HttpClientTls, ACertificateOfTomorrow) {
    trust(authority_);
    certificate_wish wish;
    wish.valid_from = 3600;
    wish.valid_until = 7200;
    serve_with(wish);
    connect_as("localhost");
    expect_refusal("its certificate is not valid before " + date_in(3600));
    expect_refusal("check this host's clock");
}

TEST_F(HttpClientTls, Tls12IsAccepted) {
    trust(authority_);
    tls_options options;
    options.identity = make_certificate(authority_);
    options.newest_version = TLS1_2_VERSION;
    serve_tls(options);
    connect_as("localhost");
    expect_body(get(), "1");
    expect_body(get(), "1");
}

TEST_F(HttpClientTls, OlderVersionsAreRefused) {
    trust(authority_);
    for (const int version : {TLS1_1_VERSION, TLS1_VERSION}) {
        tls_options options;
        options.identity = make_certificate(authority_);
        options.newest_version = version;
        serve_tls(options);
        connect_as("localhost");
        expect_refusal("TLS 1.2 or newer is needed");
    }
}

TEST_F(HttpClientTls, APlainServerBehindHttps) {
    answer(text_answer("plain"));
    connect_as("localhost");
    expect_failure(get(), poll_result::tls, "the server does not speak TLS there: is the port right?");
    EXPECT_TRUE(seen_.empty());
}

TEST_F(HttpClientTls, AHandshakeThatHangs) {
    tls_options options;
    options.identity = authority_;
    options.say_nothing = true;
    serve_tls(options);
    connect_as("localhost");
    expect_failure(get("/", std::chrono::milliseconds(300)), poll_result::timeout,
                   "the TLS handshake with localhost");

    const auto request = make_request();
    const auto running = start(loop_, client_->exchange(request, never));
    loop_.restart();
    loop_.run_for(soon);
    cancel(loop_, running);
    EXPECT_THROW(finish(loop_, running), boost::system::system_error);
}

TEST_F(HttpClientTls, AnAnswerThatHangs) {
    trust(authority_);
    tls_options options;
    options.identity = make_certificate(authority_);
    options.answer_nothing = true;
    serve_tls(options);
    connect_as("localhost");
    expect_failure(get("/", std::chrono::milliseconds(300)), poll_result::timeout);

    const auto request = make_request();
    const auto running = start(loop_, client_->exchange(request, never));
    const std::size_t before = tls_->requests();
    run_until(loop_, [&] { return tls_->requests() > before; });
    cancel(loop_, running);
    EXPECT_THROW(finish(loop_, running), boost::system::system_error);
}

TEST_F(HttpClientTls, AnAnswerThatIsCut) {
    trust(authority_);
    tls_options options;
    options.identity = make_certificate(authority_);
    options.cut_answer = true;
    serve_tls(options);
    connect_as("localhost");
    expect_failure(get(), poll_result::network, "closed before the whole answer");
}

TEST_F(HttpClientTls, AWholeAnswerIsGoodHoweverTheConnectionEnds) {
    trust(authority_);
    tls_options options;
    options.identity = make_certificate(authority_);
    options.close_bluntly = true;
    serve_tls(options);
    connect_as("localhost");
    expect_body(get(), "1");
    run_until(loop_, [&] { return tls_->answers() == 1; });
    expect_body(get(), "2");
}

TEST_F(HttpClientTls, NoTlsInTheMiddleOfAnAnswer) {
    trust(authority_);
    tls_options options;
    options.identity = make_certificate(authority_);
    options.garble_answer = true;
    serve_tls(options);
    connect_as("localhost");
    expect_failure(get(), poll_result::tls, "cannot read the answer: ");
}

// In TLS 1.3 the alert comes when the client has shaken hands already, in place of an answer.
TEST_F(HttpClientTls, AnAlertInsteadOfAnAnswer) {
    trust(authority_);
    for (const int version : {0, TLS1_2_VERSION}) {
        SCOPED_TRACE(version);
        tls_options options;
        options.identity = make_certificate(authority_);
        options.newest_version = version;
        options.demand_identity = true;
        serve_tls(options);
        connect_as("localhost");
        expect_refusal(version == 0 ? "a client's certificate is wanted" : "or wants a client's certificate");
    }
}

TEST_F(HttpClientTls, AConnectionThatIsResetInTheHandshake) {
    boost::asio::ip::tcp::acceptor acceptor(loop_, {boost::asio::ip::address_v4::loopback(), 0});
    acceptor.async_accept([](boost::system::error_code, boost::asio::ip::tcp::socket peer) {
        boost::system::error_code ignored;
        peer.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    });
    http::origin to;
    to.host = "localhost";
    to.port = acceptor.local_endpoint().port();
    connect_to(to);
    expect_failure(get(), poll_result::network, "TLS handshake with localhost:" + std::to_string(to.port));
}

TEST_F(HttpClientTls, ASessionTicketDoesNotSpoilAKeptConnection) {
    trust(authority_);
    tls_options options;
    options.identity = make_certificate(authority_);
    options.ticket_late = true;
    serve_tls(options);
    connect_as("localhost");
    for (std::size_t i = 1; i <= 3; ++i) {
        expect_body(get(), "1");
        run_until(loop_, [&] { return tls_->answers() == i; });
    }
}

TEST_F(HttpClientTls, BytesThatNobodyAskedForEndTheConnection) {
    trust(authority_);
    for (const int version : {TLS1_2_VERSION, 0}) {
        SCOPED_TRACE(version);
        tls_options options;
        options.identity = make_certificate(authority_);
        options.newest_version = version;
        options.ticket_late = version == 0;
        options.unasked = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsmuggle";
        serve_tls(options);
        connect_as("localhost");
        for (const char* number : {"1", "2", "3"}) {
            expect_body(get(), number);
            run_until(loop_, [&] { return std::to_string(tls_->answers()) == number; });
        }
    }
}

TEST_F(HttpClientTls, ACaFileThatIsNone) {
    settings_.ca_file = ::testing::TempDir() + "/replmond-ca-" + std::to_string(::getpid()) + ".pem";
    std::ofstream(*settings_.ca_file) << "no certificate\n";
    EXPECT_THROW(client::make_http_client(http::origin(), settings_), std::runtime_error);
}

} // namespace
} // namespace replmond::testing
