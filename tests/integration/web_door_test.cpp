#include "daemon/access/web_door.hpp"
#include "daemon/config/file.hpp"
#include "tests/integration/certificates.hpp"
#include "tests/integration/http_server_fixture.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <list>
#include <unistd.h>

/// The web configuration file in front of a server: TLS, passwords, and changes of both.
namespace replmond::testing {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string hash_of_u = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"; // "U*U"
const std::string alice = "Authorization: Basic YWxpY2U6VSpV\r\n";                            // alice:U*U

std::string get(const std::string& target, const std::string& more = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + more + "\r\n";
}

class WebDoor : public HttpServer {
protected:
    WebDoor() {
        std::filesystem::create_directories(folder_);
        write("server.pem", server_.pem());
        write("server.key", server_.key_pem());
        write("ca.pem", authority_.pem());
    }
    ~WebDoor() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

    void guard_with(const std::string& web) {
        write("web.yml", web);
        access::web_door_ports ports;
        ports.renewed = [this](const std::string&) { told_.emplace_back("renewed"); };
        ports.refused = [this](const std::string&, const std::string& mistakes) {
            told_.push_back(mistakes);
        };
        made_door_ = std::make_unique<access::web_door>(loop_.get_executor(), folder_ / "web.yml",
                                                        config::system_lookup(), ports);
        auto first = made_door_->prepare();
        ASSERT_THAT(first.mistakes, IsEmpty());
        made_door_->use(std::move(first));
        door_ = made_door_.get();
    }

    ssl::context trusting(const certificate* identity = nullptr) {
        ssl::context context(ssl::context::tls_client);
        context.set_verify_mode(ssl::verify_peer);
        context.add_certificate_authority(asio::buffer(authority_.pem()));
        if (identity != nullptr) {
            context.use_certificate(asio::buffer(identity->pem()), ssl::context::pem);
            context.use_private_key(asio::buffer(identity->key_pem()), ssl::context::pem);
        }
        return context;
    }

    /// The answers to `request` until the server closes; empty where it does not come to any.
    std::string exchange_tls(const std::string& request, const certificate* identity = nullptr) {
        if (!server_http())
            serve();
        auto context = trusting(identity);
        ssl::stream<asio::ip::tcp::socket> stream(loop_, context);
        stream.next_layer().connect(HttpServer::server_->addresses().front());
        std::string text;
        bool done = false;
        std::array<char, 4096> some{};
        std::function<void(boost::system::error_code, std::size_t)> on_read =
            [&](boost::system::error_code error, std::size_t count) {
                text.append(some.data(), count);
                done = static_cast<bool>(error);
                if (!done)
                    stream.async_read_some(asio::buffer(some), on_read);
            };
        stream.async_handshake(ssl::stream_base::client, [&](boost::system::error_code error) {
            done = static_cast<bool>(error);
            if (!done)
                asio::async_write(stream, asio::buffer(request),
                                  [&](boost::system::error_code failed, std::size_t) {
                                      done = static_cast<bool>(failed);
                                      if (!done)
                                          stream.async_read_some(asio::buffer(some), on_read);
                                  });
        });
        run_until(loop_, [&] { return done; });
        return text;
    }

    bool server_http() const { return HttpServer::server_.has_value(); }

    std::filesystem::path folder_ =
        std::filesystem::path(::testing::TempDir()) / ("replmond-door-" + std::to_string(::getpid()));
    certificate authority_ = make_authority("door authority");
    certificate server_ = make_certificate(authority_);
    std::vector<std::string> told_;
    std::unique_ptr<access::web_door> made_door_;
    const std::string closing_ = get("/a", "Connection: close\r\n");
    const std::string tls_ = "tls_server_config: {cert_file: server.pem, key_file: server.key}\n";
    const std::string users_ = "basic_auth_users: {alice: " + hash_of_u + "}\n";
};

TEST_F(WebDoor, SpeaksTls) {
    guard_with(tls_ + "http_server_config: {headers: {X-Frame-Options: deny}}\n");
    const auto text = exchange_tls(get("/b") + closing_);
    EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(text, HasSubstr("X-Frame-Options: deny\r\n"));
    EXPECT_THAT(text, HasSubstr("GET /b\nHTTP/1.1 200 OK\r\n"));
    EXPECT_GT(exchange_tls(get("/large", "Connection: close\r\n")).size(), large_answer);
}

TEST_F(WebDoor, WhoSpeaksNoTlsIsTold) {
    guard_with(tls_);
    const auto text = exchange(closing_);
    EXPECT_THAT(text, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
    EXPECT_THAT(text, HasSubstr("this address speaks HTTPS only\n"));
    EXPECT_TRUE(seen_.empty());
}

TEST_F(WebDoor, AHandshakeHasItsTimeAndHoldsUpNobody) {
    guard_with(tls_);
    limits_.request_time = std::chrono::seconds(1);
    auto silent = client();
    auto half = client();
    half.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
    auto broken = client();
    broken.send(std::string("\x16\x03\x01\x00\x02hi", 7));
    EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
    silent.read_all();
    half.read_all();
    broken.read_all();
    EXPECT_TRUE(silent.ended() && half.ended() && broken.ended());
    run_until(loop_, [&] { return group_.size() == 1; });
}

// The deadline passes while nothing of the server runs (SIGSTOP, say), and half a ClientHello has come: the
// step that it ends begins another, after all has been cancelled.
TEST_F(WebDoor, AHandshakeEndsAlsoWhereItsDeadlineFoundItBetweenTwoSteps) {
    guard_with(tls_);
    limits_.request_time = soon;
    auto half = client();
    settle(); // it waits for the first byte
    half.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
    hold_loop_for(2 * soon);
    EXPECT_THAT(half.read_all(), IsEmpty());
    run_until(loop_, [&] { return group_.size() == 1; });
}

std::size_t handshakes = 0; // that have begun: OpenSSL's callback knows nobody

// Its backlog would cost us a signature for each.
TEST_F(WebDoor, WhoHasLeftGetsNoHandshake) {
    guard_with(tls_);
    handshakes = 0;
    SSL_CTX_set_info_callback(made_door_->tls()->native_handle(), [](const SSL*, int where, int) {
        handshakes += (where & SSL_CB_HANDSHAKE_START) != 0 ? 1 : 0;
    });
    const std::string hello("\x16\x03\x01\x02\x00\x01", 6);
    for (int i = 0; i < 10; ++i) {
        client().send(hello); // and closes
        auto ends = client();
        ends.send(hello);
        ends.end_sending();
        ends.read_all();
    }
    run_until(loop_, [&] { return group_.size() == 1; });
    EXPECT_EQ(handshakes, 0U);
    EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(handshakes, 1U);
}

TEST_F(WebDoor, ClientsShowCertificates) {
    guard_with("tls_server_config: {cert_file: server.pem, key_file: server.key, client_ca_file: ca.pem,\n"
               "  client_auth_type: RequireAndVerifyClientCert, client_allowed_sans: [me@friend]}\n");
    const auto friendly = make_client_certificate(authority_, "friend");
    const auto stranger = make_client_certificate(authority_, "stranger");
    const auto foreign = make_client_certificate(make_authority("other"), "friend");
    EXPECT_THAT(exchange_tls(closing_, &friendly), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(exchange_tls(closing_), IsEmpty());
    EXPECT_THAT(exchange_tls(closing_, &stranger), IsEmpty());
    EXPECT_THAT(exchange_tls(closing_, &foreign), IsEmpty());
    EXPECT_EQ(seen_.size(), 1U);
}

TEST_F(WebDoor, CertificatesThatNeedNotBeChecked) {
    const auto foreign = make_client_certificate(make_authority("other"), "friend");
    const std::string begin =
        "tls_server_config: {cert_file: server.pem, key_file: server.key, client_auth_type: ";
    guard_with(begin + "RequireAnyClientCert}\n");
    EXPECT_THAT(exchange_tls(closing_, &foreign), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(exchange_tls(closing_), IsEmpty());
    write("web.yml", begin + "VerifyClientCertIfGiven, client_ca_file: ca.pem}\n");
    EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(exchange_tls(closing_, &foreign), IsEmpty());
    write("web.yml", begin + "RequestClientCert}\n");
    EXPECT_THAT(exchange_tls(closing_, &foreign), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(WebDoor, AsksForPasswords) {
    guard_with(users_);
    auto peer = client();
    peer.send(get("/a"));
    EXPECT_THAT(peer.read_to("needed\n"), HasSubstr("WWW-Authenticate: Basic realm=\"replmond\""));
    for (int i = 0; i < 3; ++i) {
        peer.send(get("/a", alice));
        EXPECT_THAT(peer.read_to("GET /a\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
    }
    peer.send(get("/a", "Authorization: Basic YWxpY2U6VSpW\r\n"));
    EXPECT_THAT(peer.read_to("needed\n"), StartsWith("HTTP/1.1 401 "));
    peer.send(get("/a", "Authorization: Basic Ym9iOlUqVQ==\r\n")); // bob:U*U
    EXPECT_THAT(peer.read_to("needed\n"), StartsWith("HTTP/1.1 401 "));
    EXPECT_EQ(seen_.size(), 3U);
    EXPECT_THAT(refused_, ElementsAre(401, 401, 401));
}

TEST_F(WebDoor, TheSamePasswordFromManyIsCheckedOnce) {
    guard_with(users_);
    std::list<raw_client> peers;
    for (int i = 0; i < 30; ++i) {
        peers.push_back(client());
        peers.back().send(get("/a", alice));
    }
    for (auto& peer : peers)
        EXPECT_THAT(peer.read_to("GET /a\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(WebDoor, TooManyDifferentOnesAreTurnedAway) {
    std::string slow = hash_of_u;
    slow.replace(4, 2, "10"); // so slow that all others have come meanwhile
    guard_with("basic_auth_users: {alice: " + slow + "}\n");
    std::list<raw_client> peers;
    for (int i = 0; i < 12; ++i) {
        peers.push_back(client());
        const std::string last(1, static_cast<char>('B' + i)); // u:A, u:B and so on
        peers.back().send(get("/a", "Authorization: Basic dTp" + last + "\r\n"));
    }
    std::size_t turned_away = 0;
    for (auto& peer : peers) {
        const auto text = peer.read_to("\r\n\r\n");
        turned_away += text.starts_with("HTTP/1.1 503 ") ? 1 : 0;
        EXPECT_TRUE(text.starts_with("HTTP/1.1 503 ") || text.starts_with("HTTP/1.1 401 ")) << text;
    }
    EXPECT_GE(turned_away, 1U);
    EXPECT_LE(turned_away, 3U);
}

TEST_F(WebDoor, StopWhileAPasswordIsChecked) {
    std::string slow = hash_of_u;
    slow.replace(4, 2, "11");
    guard_with("basic_auth_users: {alice: " + slow + "}\n");
    auto peer = client();
    peer.send(get("/a", alice));
    while (!made_door_->is_busy()) { // which no turn of the loop tells
        loop_.restart();
        loop_.poll();
    }
    stop();
    EXPECT_THAT(peer.read_all(), IsEmpty());
}

TEST_F(WebDoor, AChangeIsTakenUpAndABadOneIsToldOnce) {
    guard_with(users_);
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
    write("web.yml", "basic_auth_users: {alice: secret}\n");
    for (int i = 0; i < 3; ++i)
        EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_THAT(told_[0], HasSubstr("web.yml:1:20: basic_auth_users: key \"alice\": expected a bcrypt hash"));
    write("web.yml", tls_);
    EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
    ASSERT_EQ(told_.size(), 2U);
    EXPECT_EQ(told_[1], "renewed");
    std::filesystem::remove(folder_ / "server.key");
    EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 200 OK\r\n")); // the old one goes on
    ASSERT_EQ(told_.size(), 3U);
    EXPECT_THAT(told_[2], HasSubstr("server.key: No such file or directory"));
    write("server.key", server_.key_pem());
    EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(told_.size(), 4U);
}

} // namespace
} // namespace replmond::testing
