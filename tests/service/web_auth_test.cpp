#include "daemon/core/config/load.hpp"
#include "daemon/service/web_auth.hpp"
#include "tests/net/server/http_server_fixture.hpp"
#include "tests/support/certificates.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
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

std::string base64(const std::string& text) {
    std::string coded(text.size() * 2 + 4, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    return coded.substr(0, static_cast<std::size_t>(size));
}

/// A wrong password, another one for each number.
std::string guess(const std::string& user, int number) {
    return "Authorization: Basic " + base64(fmt::format("{}:{}", user, number)) + "\r\n";
}

std::string with_cost(std::string hash, const char* cost) {
    return hash.replace(4, 2, cost);
}

class WebAuth : public HttpServer {
protected:
    WebAuth() {
        std::filesystem::create_directories(folder_);
        write("server.pem", server_.pem());
        write("server.key", server_.key_pem());
        write("ca.pem", authority_.pem());
    }
    ~WebAuth() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

    /// In place, and long enough ago to be taken for whole.
    void rewrite(const std::string& name, const std::string& text) {
        write(name, text);
        later();
    }

    void later() { now_ += std::chrono::seconds(5); }

    /// A reload that somebody asked for; what was wrong.
    std::string reload() {
        auto next = made_->prepare();
        const std::string mistakes = next.mistakes;
        if (mistakes.empty())
            made_->use(std::move(next));
        return mistakes;
    }

    void set_access_filter(const std::string& web) {
        write("web.yml", web);
        service::web_auth_callbacks callbacks;
        callbacks.renewed = [this](const std::string&) { told_.emplace_back("renewed"); };
        callbacks.refused = [this](const std::string&, const std::string& mistakes) {
            told_.push_back(mistakes);
        };
        callbacks.now = [this] { return now_; };
        made_ = std::make_unique<service::web_auth>(loop_.get_executor(), folder_ / "web.yml",
                                                    config::system_lookup(), callbacks);
        auto first = made_->prepare();
        ASSERT_THAT(first.mistakes, IsEmpty());
        made_->use(std::move(first));
        access_filter_ = made_.get();
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
    std::chrono::system_clock::time_point now_ = std::chrono::system_clock::now() + std::chrono::hours(1);
    std::unique_ptr<service::web_auth> made_;
    const std::string closing_ = get("/a", "Connection: close\r\n");
    const std::string tls_ = "tls_server_config: {cert_file: server.pem, key_file: server.key}\n";
    const std::string users_ = "basic_auth_users: {alice: " + hash_of_u + "}\n";
};

TEST_F(WebAuth, SpeaksTls) {
    set_access_filter(tls_ + "http_server_config: {headers: {X-Frame-Options: deny}}\n");
    const auto text = exchange_tls(get("/b") + closing_);
    EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(text, HasSubstr("X-Frame-Options: deny\r\n"));
    EXPECT_THAT(text, HasSubstr("GET /b\nHTTP/1.1 200 OK\r\n"));
    EXPECT_GT(exchange_tls(get("/large", "Connection: close\r\n")).size(), large_answer);
}

TEST_F(WebAuth, WhoSpeaksNoTlsIsTold) {
    set_access_filter(tls_);
    const auto text = exchange(closing_);
    EXPECT_THAT(text, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
    EXPECT_THAT(text, HasSubstr("this address speaks HTTPS only\n"));
    EXPECT_TRUE(seen_.empty());
}

TEST_F(WebAuth, AHandshakeHasItsTimeAndHoldsUpNobody) {
    set_access_filter(tls_);
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
TEST_F(WebAuth, AHandshakeEndsAlsoWhereItsDeadlineFoundItBetweenTwoSteps) {
    set_access_filter(tls_);
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
TEST_F(WebAuth, WhoHasLeftGetsNoHandshake) {
    set_access_filter(tls_);
    handshakes = 0;
    SSL_CTX_set_info_callback(made_->tls()->native_handle(), [](const SSL*, int where, int) {
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

TEST_F(WebAuth, ClientsShowCertificates) {
    set_access_filter(
        "tls_server_config: {cert_file: server.pem, key_file: server.key, client_ca_file: ca.pem,\n"
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

TEST_F(WebAuth, CertificatesThatNeedNotBeChecked) {
    const auto foreign = make_client_certificate(make_authority("other"), "friend");
    const std::string begin =
        "tls_server_config: {cert_file: server.pem, key_file: server.key, client_auth_type: ";
    set_access_filter(begin + "RequireAnyClientCert}\n");
    EXPECT_THAT(exchange_tls(closing_, &foreign), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(exchange_tls(closing_), IsEmpty());
    write("web.yml", begin + "VerifyClientCertIfGiven, client_ca_file: ca.pem}\n");
    EXPECT_THAT(reload(), IsEmpty());
    EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(exchange_tls(closing_, &foreign), IsEmpty());
    write("web.yml", begin + "RequestClientCert}\n");
    EXPECT_THAT(reload(), IsEmpty());
    EXPECT_THAT(exchange_tls(closing_, &foreign), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(WebAuth, AsksForPasswords) {
    set_access_filter(users_);
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

TEST_F(WebAuth, TheSamePasswordFromManyIsCheckedOnce) {
    set_access_filter(users_);
    std::list<raw_client> peers;
    for (int i = 0; i < 30; ++i) {
        peers.push_back(client());
        peers.back().send(get("/a", alice));
    }
    for (auto& peer : peers)
        EXPECT_THAT(peer.read_to("GET /a\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(WebAuth, TooManyDifferentOnesAreTurnedAway) {
    set_access_filter("basic_auth_users: {alice: " + with_cost(hash_of_u, "11") + "}\n");
    constexpr int clients = 160; // that have come before many are checked
    std::list<raw_client> peers;
    for (int i = 0; i < clients; ++i) {
        peers.push_back(client());
        peers.back().send(get("/a", guess("u", i)));
    }
    // A place may be free for a moment when a password has been checked.
    std::string last = peers.back().read_to("\r\n\r\n");
    for (int more = 0; more < 5 && !last.starts_with("HTTP/1.1 503 "); ++more) {
        for (int i = 0; i < static_cast<int>(auth::password_queue::places) + 8; ++i) {
            peers.push_back(client());
            peers.back().send(get("/a", guess("u", clients * (more + 1) + i)));
        }
        last = peers.back().read_to("\r\n\r\n");
    }
    EXPECT_THAT(last, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(last, HasSubstr("\r\nRetry-After: 1\r\n"));
    EXPECT_LE(made_->waiting(), auth::password_queue::places + 1);
    const auto turned_away = std::count(refused_.begin(), refused_.end(), 503);
    EXPECT_LE(turned_away,
              static_cast<int>(peers.size()) - 1 - static_cast<int>(auth::password_queue::places));
}

// After a start nobody is remembered, and the others are always sooner.
TEST_F(WebAuth, AFloodOfWrongPasswordsKeepsNobodyOut) {
    const std::string slow = with_cost(hash_of_u, "08");
    set_access_filter("basic_auth_users: {bob: " + slow + ", alice: " + slow + ", carol: " + hash_of_u +
                      "}\n");
    const std::string carol = "Authorization: Basic Y2Fyb2w6VSpV\r\n"; // carol:U*U
    std::list<raw_client> flood;
    for (const char* user : {"stranger", "bob", "alice"}) {
        for (int i = 0; i < 80; ++i) {
            flood.push_back(client());
            flood.back().send(get("/a", guess(user, i)));
        }
    }
    auto last = client();
    last.send(get("/z", guess("stranger", 1000)));
    run_until(loop_, [&] { return made_->waiting() > 200; });
    EXPECT_THAT(exchange(get("/carol", carol + "Connection: close\r\n")), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_GT(made_->waiting(), 100U) << "she was not served last";
}

// A touched file, a renewed certificate: a scraper must not come behind all that wait.
TEST_F(WebAuth, WhoWasRightStaysSoWhenTheFileIsTouched) {
    set_access_filter("basic_auth_users: {alice: " + hash_of_u + ", bob: " + with_cost(hash_of_u, "14") +
                      "}\n");
    const std::string request = get("/a", alice + "Connection: close\r\n");
    EXPECT_THAT(exchange(request), StartsWith("HTTP/1.1 200 OK\r\n"));
    auto stranger = client();
    stranger.send(get("/a", guess("stranger", 1)));
    auto bob = client();
    bob.send(get("/a", guess("bob", 1)));
    run_until(loop_, [&] { return made_->waiting() == 2; });

    rewrite("web.yml", users_ + "  # and bob is gone\n");
    EXPECT_THAT(exchange(request), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(told_, ElementsAre("renewed"));
    EXPECT_EQ(reload(), "");
    EXPECT_THAT(exchange(request), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(made_->waiting(), 2U) << "she was not checked again";
}

TEST_F(WebAuth, WhoWaitsIsAnsweredThoughTheUsersChange) {
    set_access_filter("basic_auth_users: {alice: " + with_cost(hash_of_u, "13") + ", carol: " + hash_of_u +
                      "}\n");
    auto first = client();
    first.send(get("/a", guess("alice", 1)));
    auto second = client();
    second.send(get("/c", "Authorization: Basic Y2Fyb2w6VSpV\r\n"));
    run_until(loop_, [&] { return made_->waiting() == 2; });
    write("web.yml", "basic_auth_users: {carol: " + hash_of_u + "}\n");
    EXPECT_THAT(reload(), IsEmpty());
    EXPECT_THAT(second.read_to("GET /c\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(first.read_to("\r\n\r\n"), StartsWith("HTTP/1.1 503 ")) << "she was checked as alice";
}

TEST_F(WebAuth, WhoWaitsIsToldWhenNobodyIsAskedAnyMore) {
    set_access_filter("basic_auth_users: {alice: " + with_cost(hash_of_u, "13") + "}\n");
    auto first = client();
    first.send(get("/a", guess("alice", 1)));
    auto second = client();
    second.send(get("/a", guess("alice", 2)));
    run_until(loop_, [&] { return made_->waiting() == 2; });
    write("web.yml", "{}\n");
    EXPECT_THAT(reload(), IsEmpty());
    EXPECT_THAT(first.read_to("\r\n\r\n"), StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(second.read_to("\r\n\r\n"), StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
}

class asking_door final : public server::access_filter {
public:
    std::shared_ptr<ssl::context> tls() override { return nullptr; }
    asio::awaitable<std::optional<http::http_reply>> authorize(const http::http_request& request) override {
        peers.push_back(request.peer);
        co_return std::nullopt;
    }
    void add_headers(http::http_reply&) const override {}

    std::vector<std::string> peers;
};

TEST_F(WebAuth, ADoorIsToldWhoAsks) {
    asking_door auth;
    access_filter_ = &auth;
    exchange(get("/a") + get("/b", "Connection: close\r\nContent-Length: 3\r\n"));
    EXPECT_THAT(auth.peers, ElementsAre("127.0.0.1", "127.0.0.1"));
    stop();
}

TEST_F(WebAuth, StopWhileAPasswordIsChecked) {
    std::string slow = hash_of_u;
    slow.replace(4, 2, "11");
    set_access_filter("basic_auth_users: {alice: " + slow + "}\n");
    auto peer = client();
    peer.send(get("/a", alice));
    while (!made_->is_busy()) { // which no turn of the loop tells
        loop_.restart();
        loop_.poll();
    }
    stop();
    EXPECT_THAT(peer.read_all(), IsEmpty());
}

TEST_F(WebAuth, AChangeIsTakenUpAndABadOneIsToldOnce) {
    set_access_filter(users_);
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
    rewrite("web.yml", "basic_auth_users: {alice: secret}\n");
    for (int i = 0; i < 3; ++i, later())
        EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_THAT(told_[0], HasSubstr("web.yml:1:20: basic_auth_users: key \"alice\": expected a bcrypt hash"));
    rewrite("web.yml", users_ + tls_);
    EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 401 "));
    ASSERT_EQ(told_.size(), 2U);
    EXPECT_EQ(told_[1], "renewed");
    std::filesystem::remove(folder_ / "server.key");
    for (int i = 0; i < 3; ++i, later())
        EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 401 ")); // the old one goes on
    ASSERT_EQ(told_.size(), 3U);
    EXPECT_THAT(told_[2], HasSubstr("server.key: No such file or directory"));
    rewrite("server.key", server_.key_pem());
    EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 401 "));
    EXPECT_EQ(told_.size(), 4U);
}

TEST_F(WebAuth, FilesAreLookedAtOnceASecond) {
    set_access_filter(users_);
    later();
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
    write("web.yml", "basic_auth_users: {alice: secret}\n");
    now_ += std::chrono::milliseconds(999);
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
    EXPECT_THAT(told_, IsEmpty());
    now_ += std::chrono::milliseconds(1);
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
    EXPECT_EQ(told_.size(), 1U);
    now_ -= std::chrono::hours(3); // a clock that is put back stops nothing
    write("web.yml", users_ + "# again\n");
    for (int i = 0; i < 2; ++i, later())
        EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
    EXPECT_EQ(told_.size(), 2U);
}

TEST_F(WebAuth, AFileThatIsBeingWrittenIsNotRead) {
    set_access_filter(users_);
    now_ = std::chrono::system_clock::now() - std::chrono::seconds(30);
    for (int i = 0; i < 5; ++i) { // each time just written, as far as the clock says
        write("web.yml", "basic_auth_users: {alice: half" + std::string(static_cast<std::size_t>(i), 'x'));
        EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
        later();
    }
    EXPECT_THAT(told_, IsEmpty());
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 ")); // left alone since the last look
    EXPECT_EQ(told_.size(), 1U);
}

TEST_F(WebAuth, ProtectionIsTakenAwayByAReloadOnly) {
    set_access_filter(users_);
    for (const std::string less : {"{}\n", "http_server_config: {headers: {X-Frame-Options: deny}}\n",
                                   "tls_server_config:\n", "tls_server_config: {}\n"}) {
        SCOPED_TRACE(less);
        told_.clear();
        rewrite("web.yml", less);
        for (int i = 0; i < 3; ++i, later())
            EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
        EXPECT_THAT(told_,
                    ElementsAre((folder_ / "web.yml").string() +
                                ": would take away: passwords. Where that is meant, reload (SIGHUP, or "
                                "POST /-/reload)"));
        EXPECT_EQ(reload(), "");
        EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
        write("web.yml", users_);
        EXPECT_EQ(reload(), "");
        EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
    }
}

TEST_F(WebAuth, TlsStaysUntilAReloadTakesIt) {
    set_access_filter(tls_);
    rewrite("web.yml", users_);
    EXPECT_THAT(exchange(closing_), HasSubstr("this address speaks HTTPS only\n"));
    EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 200 OK\r\n")) << "refused whole";
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_THAT(told_[0], HasSubstr("would take away: TLS. Where"));
    EXPECT_EQ(reload(), "");
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 "));
}

TEST_F(WebAuth, AnEmptyOrRemovedFileTakesNothingAway) {
    set_access_filter(users_ + tls_);
    for (const char* nothing : {"", "# basic_auth_users: {}\n", "---\n"}) {
        SCOPED_TRACE(nothing);
        told_.clear();
        rewrite("web.yml", nothing);
        for (int i = 0; i < 3; ++i, later())
            EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 401 "));
        const std::string said = (folder_ / "web.yml").string() +
                                 ": is empty, and would take away: passwords, TLS. Write {} where that is "
                                 "meant, and reload";
        EXPECT_THAT(told_, ElementsAre(said));
        EXPECT_EQ(reload(), said);
        EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 401 "));
    }
    std::filesystem::remove(folder_ / "web.yml");
    told_.clear();
    for (int i = 0; i < 3; ++i, later())
        EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 401 "));
    EXPECT_EQ(told_.size(), 1U);
    EXPECT_THAT(reload(), HasSubstr("web.yml: cannot be read: No such file or directory"));
    EXPECT_THAT(exchange_tls(closing_), StartsWith("HTTP/1.1 401 "));
    write("web.yml", "{}\n");
    EXPECT_EQ(reload(), "");
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
}

// What an editor, a copy or a full disk leaves of a file, at every length.
TEST_F(WebAuth, HalfAFileOpensNothing) {
    const std::string whole =
        "http_server_config: {headers: {X-Frame-Options: deny}}\nbasic_auth_users:\n  alice: " + hash_of_u +
        "\n  bob: " + hash_of_u + "\n";
    set_access_filter(whole);
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        rewrite("web.yml", whole.substr(0, length));
        EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 ")) << length;
    }
}

TEST_F(WebAuth, AStartWithoutProtectionStaysAsItIs) {
    set_access_filter("");
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
    rewrite("web.yml", "{}\n");
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
    rewrite("web.yml", "");
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(told_, ElementsAre("renewed", "renewed"));
    rewrite("web.yml", users_);
    EXPECT_THAT(exchange(closing_), StartsWith("HTTP/1.1 401 ")) << "more protection needs no reload";
}

} // namespace
} // namespace replmond::testing
