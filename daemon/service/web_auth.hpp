#pragma once

#include "daemon/core/auth/password_cache.hpp"
#include "daemon/core/auth/protection.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/net/server/handler.hpp"
#include "daemon/service/file_stamp.hpp"
#include "daemon/service/password_worker.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace replmond::service {

struct web_auth_callbacks {
    std::function<void(const std::string& file)> renewed; ///< what it says is in force, since it changed
    std::function<void(const std::string& file, const std::string& mistakes)> refused; ///< it changed badly
    std::function<std::chrono::system_clock::time_point()> now; ///< for the files; no function: the real time
};

/// The web configuration file in force: TLS, passwords, headers. Its files are looked at when a connection
/// comes or a request asks, once a second at most, and read again when one has changed and is left alone
/// since; a bad change is refused whole, told once, and what was in force stays. So is a change that takes
/// protection away: that is for the user to tell, who does so by a reload.
class web_auth final : public server::access_filter {
public:
    /// `file`: empty for none; then everybody may read, plainly. Nothing is read before the first prepare().
    web_auth(boost::asio::any_io_executor executor, std::string file, config::lookup places,
             web_auth_callbacks callbacks = {});
    ~web_auth() override;

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
    boost::asio::awaitable<std::optional<http::http_reply>>
    authorize(const http::http_request& request) override;
    void add_headers(http::http_reply& answer) const override;

    /// A password is being checked on a thread that cannot be stopped.
    bool is_busy() const { return worker_.is_busy(); }

    /// How many passwords wait for their check, the one that is being checked among them.
    std::size_t waiting() const { return checks_.size(); }

private:
    /// Those that wait for the answer to one question.
    struct check {
        boost::asio::steady_timer answered; ///< expires to wake them, and who comes later does not wait
        auth::password_cache::outcome how = auth::password_cache::outcome::outdated; ///< until it is made
        bool has_thread = true;
        check(const boost::asio::any_io_executor& executor, std::chrono::steady_clock::duration within)
            : answered(executor, within) {}
    };

    bool have_changed();
    void look_for_changes();
    prepared read() const;
    std::string objection(const config::web_settings& next, reader by) const;

    std::shared_ptr<check> check_of(const auth::password_cache::digest& of);
    void check_next();
    bool begin(auth::password_cache::question asked);
    void answer(const auth::password_cache::question& asked, bool right);
    void wake(const auth::password_cache::digest& of, auth::password_cache::outcome how);

    boost::asio::any_io_executor executor_;
    std::string file_;
    config::lookup places_;
    web_auth_callbacks callbacks_;
    prepared in_force_;
    auth::protection protection_; ///< in force
    std::vector<std::string> watched_;
    std::vector<file_stamp> seen_;      ///< of `watched_`, good or bad
    std::vector<file_stamp> last_look_; ///< the stamps of then
    std::chrono::system_clock::time_point looked_;
    auth::password_cache cache_;
    std::map<auth::password_cache::digest, std::shared_ptr<check>> checks_;
    bool is_checking_ = false;
    std::shared_ptr<web_auth*> self_; ///< null after the end: answers may come late
    password_worker worker_;          ///< last: it ends before what it answers to
};

} // namespace replmond::service
