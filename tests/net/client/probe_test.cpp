// What a connection that is only made to look at it tells: where it led, whose certificate it met, and where
// it ended.

#include "daemon/net/async.hpp"
#include "daemon/net/client/probe.hpp"
#include "tests/net/client/scripted_names.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/tls_server.hpp"
#include "tests/support/tunnel_proxy.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace replmond::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string encoded_login = "aHVudGVyMjpodW50ZXIy"; // hunter2:hunter2

class Probe : public ::testing::Test {
protected:
    static constexpr auto never = std::chrono::hours(1);

    Probe() {
        settings_.names =
            std::make_shared<client::resolver>(http::lookup_limits{}, scripted_names::function_of(names_));
        names_->set("cloud.test", scripted_names::found({"127.0.0.1"}));
        to_.host = "cloud.test";
        to_.tls = false;
    }

    void TearDown() override {
        names_->release_all();
        tls_.reset();
        proxy_.reset();
        server_.reset();
        run_dry(loop_);
        if (settings_.ca_file)
            std::remove(settings_.ca_file->c_str());
    }

    void serve_plain() {
        server_ = std::make_unique<scripted_server>(loop_, [this](const request&) {
            ++requests_;
            return script{};
        });
        to_.port = server_->port();
    }

    void serve_tls(const certificate& signed_by) {
        certificate_wish wish;
        wish.alternative_names = "DNS:cloud.test";
        tls_options options;
        options.identity = make_certificate(signed_by, wish);
        tls_ = std::make_unique<tls_server>(loop_, options);
        to_.tls = true;
        to_.port = tls_->port();
    }

    void trust(const certificate& authority) {
        settings_.ca_file =
            ::testing::TempDir() + "/replmond-probe-ca-" + std::to_string(::getpid()) + ".pem";
        std::ofstream(*settings_.ca_file) << authority.pem();
    }

    client::probe_outcome probe(net::steady_duration deadline = never) {
        return run(loop_, client::probe_connection(to_, settings_, deadline));
    }

    static std::string peer_at(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

    static void expect_end(const client::probe_outcome& seen, client::exchange_step at, poll_result kind,
                           const std::string& text) {
        ASSERT_TRUE(seen.why.has_value());
        EXPECT_EQ(static_cast<int>(seen.reached), static_cast<int>(at));
        EXPECT_EQ(to_string(seen.why->result), to_string(kind));
        EXPECT_THAT(seen.why->error_msg, HasSubstr(text));
        EXPECT_EQ(seen.peer, "");
        EXPECT_EQ(seen.certificate.has_value(), false);
    }

    boost::asio::io_context loop_{1};
    std::shared_ptr<scripted_names> names_ = std::make_shared<scripted_names>();
    client::client_settings settings_;
    http::origin to_;
    std::unique_ptr<scripted_server> server_;
    std::unique_ptr<tls_server> tls_;
    std::unique_ptr<tunnel_proxy> proxy_;
    certificate authority_ = make_authority("replmond test authority");
    int requests_ = 0;
};

TEST_F(Probe, APlainConnectionSendsNothing) {
    serve_plain();
    const auto seen = probe();
    EXPECT_FALSE(seen.why);
    EXPECT_EQ(seen.addresses, (http::address_list{"127.0.0.1"}));
    EXPECT_EQ(seen.peer, peer_at(server_->port()));
    EXPECT_EQ(seen.tls_version, "");
    EXPECT_FALSE(seen.certificate);
    EXPECT_EQ(requests_, 0);
}

TEST_F(Probe, ATlsConnectionTellsOfTheCertificate) {
    serve_tls(authority_);
    trust(authority_);
    const auto seen = probe();
    ASSERT_FALSE(seen.why) << seen.why->error_msg;
    EXPECT_EQ(seen.peer, peer_at(tls_->port()));
    EXPECT_THAT(seen.tls_version, StartsWith("TLSv1."));
    ASSERT_TRUE(seen.certificate);
    EXPECT_EQ(seen.certificate->issuer, "CN=replmond test authority");
    EXPECT_TRUE(seen.certificate->expires_at);
    EXPECT_EQ(tls_->requests(), 0U);
}

TEST_F(Probe, ACertificateOfAnUnknownAuthorityEndsAtTheHandshake) {
    serve_tls(authority_);
    const auto seen = probe();
    expect_end(seen, client::exchange_step::handshake, poll_result::tls, "name its certificate in ca_file");
    EXPECT_EQ(seen.addresses, (http::address_list{"127.0.0.1"}));
}

TEST_F(Probe, ANameThatHasNoAddressEndsAtResolving) {
    to_.host = "nobody.test";
    names_->set("nobody.test", {scripted_names::verdict::no_such_name, {}, "Host not found"});
    const auto seen = probe();
    expect_end(seen, client::exchange_step::resolving, poll_result::network, "nobody.test");
    EXPECT_THAT(seen.addresses, IsEmpty());
}

TEST_F(Probe, APortThatNobodyListensAtEndsAtConnecting) {
    serve_plain();
    server_.reset();
    const auto seen = probe();
    expect_end(seen, client::exchange_step::connecting, poll_result::network, "cloud.test");
    EXPECT_EQ(seen.addresses, (http::address_list{"127.0.0.1"}));
}

TEST_F(Probe, ANameServiceThatHangsEndsWithTheDeadline) {
    names_->hang("cloud.test");
    const auto seen = probe(std::chrono::milliseconds(30));
    expect_end(seen, client::exchange_step::resolving, poll_result::timeout, "no connection within 30 ms: ");
    EXPECT_THAT(seen.addresses, IsEmpty());
}

TEST_F(Probe, ThroughAProxyTheAddressesAndThePeerAreTheProxys) {
    serve_tls(authority_);
    trust(authority_);
    proxy_ = std::make_unique<tunnel_proxy>(loop_, tls_->port());
    http::proxy via;
    via.at.tls = false;
    via.at.host = "proxy.test";
    via.at.port = proxy_->port();
    via.authorization = "Basic " + encoded_login;
    settings_.proxy = via;
    names_->set("proxy.test", scripted_names::found({"127.0.0.1"}));
    const auto seen = probe();
    ASSERT_FALSE(seen.why) << seen.why->error_msg;
    EXPECT_EQ(seen.peer, peer_at(proxy_->port()));
    ASSERT_TRUE(seen.certificate);
    EXPECT_EQ(seen.certificate->issuer, "CN=replmond test authority");
    EXPECT_EQ(names_->asked("cloud.test"), 0) << "the proxy resolves it";
}

TEST_F(Probe, AProxyThatRefusesEndsAtAskingIt) {
    server_ = std::make_unique<scripted_server>(loop_, [](const request&) {
        script plan;
        plan.status = 403;
        return plan;
    });
    http::proxy via;
    via.at.tls = false;
    via.at.host = "proxy.test";
    via.at.port = server_->port();
    via.authorization = "Basic " + encoded_login;
    settings_.proxy = via;
    names_->set("proxy.test", scripted_names::found({"127.0.0.1"}));
    const auto seen = probe();
    expect_end(seen, client::exchange_step::asking_proxy, poll_result::network, "403");
    EXPECT_THAT(seen.why->error_msg, ::testing::Not(HasSubstr(encoded_login)));
}

} // namespace
} // namespace replmond::testing
