#pragma once

#include "daemon/cloud/project_api.hpp"
#include "tests/monitor/fault_table.hpp"
#include "tests/support/scripted_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace replmond::testing {

/// A cloud of its own for one instance, with the good list until it is broken as its row says.
class fault_site {
public:
    /// `authority` signs its certificate, `ca_file` names that authority to the client.
    fault_site(boost::asio::io_context& loop, const fault_row& row, const certificate& authority,
               const std::string& ca_file);

    void break_it();
    void heal();
    /// Answers nobody's questions any more.
    void close();

    cloud::project_api& api() { return *api_; }
    /// Requests that the daemon sent or tried to send.
    std::size_t requests() const { return requests_; }

private:
    void make_api(const std::string& ca_file);
    void serve(std::uint16_t port);
    void let_hang();

    boost::asio::io_context& loop_;
    const fault_row& row_;
    tls_options good_;
    std::unique_ptr<scripted_server> plain_;
    std::unique_ptr<tls_server> tls_;
    std::unique_ptr<cloud::project_api> api_;
    std::optional<boost::asio::ip::tcp::acceptor> deaf_; ///< its queue is full
    std::optional<boost::asio::ip::tcp::socket> filler_;
    std::string token_ = "MIIQTOKEN-never-in-a-text";
    std::uint16_t port_ = 0;
    std::size_t requests_ = 0;
    bool broken_ = false;
};

} // namespace replmond::testing
