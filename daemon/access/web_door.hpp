#pragma once

#include "daemon/access/file_stamp.hpp"
#include "daemon/access/password_book.hpp"
#include "daemon/access/password_worker.hpp"
#include "daemon/access/protection.hpp"
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
    std::function<std::chrono::system_clock::time_point()> now; ///< for the files; no function: the real time
};

/// The web configuration file in force: TLS, passwords, headers. Its files are looked at when a connection
/// comes or a request asks, once a second at most, and read again when one has changed and is left alone
/// since; a bad change is refused whole, told once, and what was in force stays. So is a change that takes
/// protection away: that is for the user to tell, who does so by a reload.
class web_door final : public net::http_door {
public:
    /// `file`: empty for none; then everybody may read, plainly. Nothing is read before the first prepare().
    web_door(boost::asio::any_io_executor executor, std::string file, config::lookup places,
             web_door_ports ports = {});
    ~web_door() override;

    /// Who wants the file read.
    enum class reader { user, nobody };

    /// What the file says, ready for use.
    struct prepared {
        std::string mistakes; ///< one a line; empty: none
        config::web_settings settings;
        std::shared_ptr<boost::asio::ssl::context> tls;
        std::vector<std::string> files;
        std::vector<file_stamp> stamps;
        bool is_torn = false; ///< it changed while it was read
    };
    prepared prepare(reader by = reader::user) const;
    void use(prepared next);

    /// There is a file, and it is empty.
    bool says_nothing() const { return in_force_.settings.says_nothing; }

    std::shared_ptr<boost::asio::ssl::context> tls() override;
    boost::asio::awaitable<std::optional<net::http_answer>> admit(const net::http_request& request) override;
    void dress(net::http_answer& answer) const override;

    /// A password is being checked on a thread that cannot be stopped.
    bool is_busy() const { return worker_.is_busy(); }

    /// How many passwords wait for their check, the one that is being checked among them.
    std::size_t waiting() const { return checks_.size(); }

private:
    /// Those that wait for the answer to one question.
    struct check {
        boost::asio::steady_timer answered; ///< expires to wake them, and who comes later does not wait
        password_book::outcome how = password_book::outcome::outdated; ///< until it is made
        bool has_thread = true;
        check(const boost::asio::any_io_executor& executor, std::chrono::steady_clock::duration within)
            : answered(executor, within) {}
    };

    bool have_changed();
    void look_for_changes();
    prepared read() const;
    std::string objection(const config::web_settings& next, reader by) const;

    std::shared_ptr<check> check_of(const password_book::digest& of);
    void check_next();
    bool begin(password_book::question asked);
    void answer(const password_book::question& asked, bool right);
    void wake(const password_book::digest& of, password_book::outcome how);

    boost::asio::any_io_executor executor_;
    std::string file_;
    config::lookup places_;
    web_door_ports ports_;
    prepared in_force_;
    protection protection_; ///< in force
    std::vector<std::string> watched_;
    std::vector<file_stamp> seen_;      ///< of `watched_`, good or bad
    std::vector<file_stamp> last_look_; ///< the stamps of then
    std::chrono::system_clock::time_point looked_;
    password_book book_;
    std::map<password_book::digest, std::shared_ptr<check>> checks_;
    bool is_checking_ = false;
    std::shared_ptr<web_door*> self_; ///< null after the end: answers may come late
    password_worker worker_;          ///< last: it ends before what it answers to
};

} // namespace replmond::access
