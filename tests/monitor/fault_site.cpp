#include "tests/monitor/fault_site.hpp"

#include "daemon/cloud/credential_sources.hpp"
#include "daemon/net/client/http_client.hpp"

#include <utility>

namespace replmond::testing {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

tcp::endpoint local(std::uint16_t port) {
    return {asio::ip::address_v4::loopback(), port};
}

script good_answer(const request& r) {
    script plan;
    plan.body = good_page(r.target);
    return plan;
}

} // namespace

fault_site::fault_site(asio::io_context& loop, const fault_row& row, const certificate& authority,
                       const std::string& ca_file)
    : loop_(loop), row_(row) {
    if (row.tls) {
        good_.identity = make_certificate(authority);
        good_.body = good_page;
        tls_ = std::make_unique<tls_server>(loop, good_);
        port_ = tls_->port();
    } else {
        serve(0);
        port_ = plain_->port();
    }
    make_api(ca_file);
}

void fault_site::serve(std::uint16_t port) {
    server_options at;
    at.port = port;
    auto answer = [this](const request& r) {
        return broken_ && row_.answer ? row_.answer(r) : good_answer(r);
    };
    plain_ = std::make_unique<scripted_server>(loop_, std::move(answer), at);
}

void fault_site::make_api(const std::string& ca_file) {
    http::origin to;
    to.tls = tls_ != nullptr;
    to.host = "127.0.0.1";
    to.port = port_;
    client::client_settings settings;
    if (to.tls)
        settings.ca_file = ca_file;
    cloud::authenticated_client_options access;
    access.project_id = "p1";
    access.origin = to;
    access.client = client::make_http_client(to, settings);
    auto read_token = [this]() -> result<cloud::credential> {
        cloud::credential c;
        c.secret = token_;
        return c;
    };
    access.keys = std::make_unique<cloud::credentials>(
        loop_.get_executor(), "p", cloud::make_local_source(std::move(read_token)),
        cloud::credential_callbacks{[](event) {}, [](bool, std::optional<timestamp>) {}});
    access.observer = [this](const cloud::sent_request&) { ++requests_; };
    access.own_permits = std::make_shared<cloud::unlimited_permits>();
    api_ = cloud::make_project_api(std::move(access));
}

// Who comes now is let in by nobody, and refused by nobody either.
void fault_site::let_hang() {
    deaf_.emplace(loop_);
    deaf_->open(tcp::v4());
    deaf_->set_option(tcp::acceptor::reuse_address(true));
    deaf_->bind(local(port_));
    deaf_->listen(0);
    filler_.emplace(loop_);
    filler_->connect(local(port_));
}

void fault_site::break_it() {
    broken_ = true;
    if (row_.tls) {
        tls_options bad = good_;
        row_.tls(bad);
        tls_->change(bad);
    }
    if (row_.endpoint == door::open)
        return;
    plain_.reset();
    if (row_.endpoint == door::hangs)
        let_hang();
}

void fault_site::heal() {
    broken_ = false;
    token_ += 'x'; // where it was refused, another one is tried
    if (row_.tls)
        tls_->change(good_);
    if (row_.endpoint == door::open)
        return;
    filler_.reset();
    deaf_.reset();
    serve(port_);
}

void fault_site::close() {
    plain_.reset();
    tls_.reset();
    filler_.reset();
    deaf_.reset();
}

} // namespace replmond::testing
