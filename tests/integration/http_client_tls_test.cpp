#include "tests/integration/http_client_fixture.hpp"
#include "tests/integration/tls_server.hpp"

#include <openssl/ssl.h>

#include <cstdio>
#include <fstream>
#include <unistd.h>

namespace replmond::testing {
namespace {

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
        net::origin to;
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
    client_->close_idle();
    expect_body(get(), "2");
    EXPECT_EQ(tls_->names_asked(), (std::vector<std::string>{"localhost", "localhost"}));
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
    expect_refusal("ostname mismatch");
}

TEST_F(HttpClientTls, AnotherAddressesCertificate) {
    trust(authority_);
    certificate_wish wish;
    wish.alternative_names = "DNS:127.0.0.1,IP:192.0.2.1";
    serve_with(wish);
    connect_as("127.0.0.1");
    expect_refusal("IP address mismatch");
}

TEST_F(HttpClientTls, AnUnknownIssuer) {
    trust(make_authority("replmond another authority"));
    serve_with({});
    connect_as("localhost");
    expect_refusal("unable to get local issuer certificate");
}

TEST_F(HttpClientTls, OnlyTheSystemsAuthoritiesWithoutACaFile) {
    serve_with({});
    connect_as("localhost");
    expect_refusal("unable to get local issuer certificate");
}

TEST_F(HttpClientTls, ASelfSignedCertificate) {
    trust(make_authority("replmond another authority"));
    tls_options options;
    options.identity = authority_;
    serve_tls(options);
    connect_as("localhost");
    expect_refusal("self-signed certificate");
}

TEST_F(HttpClientTls, AnExpiredCertificate) {
    trust(authority_);
    certificate_wish wish;
    wish.valid_from = -7200;
    wish.valid_until = -3600;
    serve_with(wish);
    connect_as("localhost");
    expect_refusal("certificate has expired");
}

TEST_F(HttpClientTls, ACertificateOfTomorrow) {
    trust(authority_);
    certificate_wish wish;
    wish.valid_from = 3600;
    wish.valid_until = 7200;
    serve_with(wish);
    connect_as("localhost");
    expect_refusal("certificate is not yet valid");
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
        expect_refusal("version");
    }
}

TEST_F(HttpClientTls, APlainServerBehindHttps) {
    answer(text_answer("plain"));
    connect_as("localhost");
    expect_failure(get(), poll_result::tls, "TLS handshake with localhost");
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

TEST_F(HttpClientTls, ACaFileThatIsNone) {
    settings_.ca_file = ::testing::TempDir() + "/replmond-ca-" + std::to_string(::getpid()) + ".pem";
    std::ofstream(*settings_.ca_file) << "no certificate\n";
    EXPECT_THROW(net::make_http_client(net::origin(), settings_), boost::system::system_error);
}

} // namespace
} // namespace replmond::testing
