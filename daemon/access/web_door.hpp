#pragma once

#include "daemon/access/file_stamp.hpp"
#include "daemon/access/password_book.hpp"
#include "daemon/access/password_worker.hpp"
#include "daemon/config/secret.hpp"
#include "daemon/config/web_settings.hpp"
#include "daemon/net/http_door.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace replmond::access {

struct web_door_ports {
    std::function<void(const std::string& file)> renewed; ///< what it says is in force, since it changed
    std::function<void(const std::string& file, const std::string& mistakes)> refused; ///< it changed badly
};

/// The web configuration file in force: TLS, passwords, headers. Its files are looked at whenever a
/// connection comes or a request asks, and read again when one has changed; a bad change is refused whole,
/// told once, and what was in force stays.
class web_door final : public net::http_door {
public:
    /// `file`: empty for none; then everybody may read, plainly. Nothing is read before the first prepare().
    web_door(boost::asio::any_io_executor executor, std::string file, config::lookup places,
             web_door_ports ports = {});
    ~web_door() override;

    /// What the file says, ready for use.
    struct prepared {
        std::string mistakes; ///< one a line; empty: none
        config::web_settings settings;
        std::shared_ptr<boost::asio::ssl::context> tls;
        std::vector<std::string> files;
        std::vector<file_stamp> stamps;
    };
    prepared prepare() const;
    void use(prepared next);

    std::shared_ptr<boost::asio::ssl::context> tls() override;
    boost::asio::awaitable<std::optional<net::http_answer>> admit(const net::http_request& request) override;
    void dress(net::http_answer& answer) const override;

    /// A password is being checked on a thread that cannot be stopped.
    bool is_busy() const { return worker_.is_busy(); }

private:
    /// Those that wait for the answer to one question.
    struct check {
        boost::asio::steady_timer answered; ///< cancelled to wake them
        bool right = false;
        bool done = false;
        check(const boost::asio::any_io_executor& executor, std::chrono::steady_clock::duration within)
            : answered(executor, within) {}
    };

    void look_for_changes();
    /// Null: there is no thread for it.
    std::shared_ptr<check> begin(password_book::question asked, std::string password);

    boost::asio::any_io_executor executor_;
    std::string file_;
    config::lookup places_;
    web_door_ports ports_;
    prepared in_force_;
    std::vector<std::string> watched_;
    std::vector<file_stamp> seen_; ///< of `watched_`, good or bad
    password_book book_;
    std::map<password_book::digest, std::shared_ptr<check>> checks_;
    std::shared_ptr<web_door*> self_; ///< null after the end: answers may come late
    password_worker worker_;          ///< last: it ends before what it answers to
};

} // namespace replmond::access
