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

/// How web_auth reports changes of its files. Each function may be empty.
struct web_auth_callbacks {
    std::function<void(const std::string& file)> renewed; ///< a changed file was loaded and is in force
    /// A changed file was refused.
    std::function<void(const std::string& file, const std::string& mistakes)> refused;
    /// Time for comparison with the files; not set: the real time.
    std::function<std::chrono::system_clock::time_point()> now;
};

/// The web configuration file in force: TLS, passwords and headers. At a connection or request, but at most
/// once a second, it is checked whether one of its files has changed; a changed file is read again once it
/// has settled. A bad change is refused as a whole and reported once, and the old configuration stays in
/// force. A change that removes protection is refused too: the user has to confirm it by a reload.
class web_auth final : public server::access_filter {
public:
    /// `file`: empty for none; then access is open and unencrypted. Nothing is read before the first
    /// prepare().
    web_auth(boost::asio::any_io_executor executor, std::string file, config::lookup places,
             web_auth_callbacks callbacks = {});
    ~web_auth() override;

    /// What causes the file to be read: a start or reload by the user, or the check for changes (`nobody`).
    enum class reader { user, nobody };

    /// The content of the file, ready for use().
    struct prepared {
        std::string mistakes; ///< one a line; empty: none
        config::web_settings settings;
        std::shared_ptr<boost::asio::ssl::context> tls;
        std::vector<std::string> files;
        std::vector<file_stamp> stamps;
        bool changed_while_read = false; ///< a file changed while it was read
    };
    prepared prepare(reader by = reader::user) const;
    void use(prepared next);

    /// Whether there is a file, and it is empty.
    bool is_empty() const { return in_force_.settings.is_empty; }

    std::shared_ptr<boost::asio::ssl::context> tls() override;
    boost::asio::awaitable<std::optional<http::http_reply>>
    authorize(const http::http_request& request) override;
    void add_headers(http::http_reply& answer) const override;

    /// Whether a password is being checked, on a thread that cannot be stopped.
    bool is_busy() const { return worker_.is_busy(); }

    /// How many passwords wait for their check, including the one that is being checked.
    std::size_t waiting() const { return checks_.size(); }

private:
    /// The requests that wait for the same password check.
    struct check {
        /// A latch: set to expire to wake the requests; requests that come later do not wait.
        boost::asio::steady_timer answered;
        /// `outdated` until the check was made.
        auth::password_cache::outcome how = auth::password_cache::outcome::outdated;
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
    auth::protection protection_; ///< of the configuration in force
    std::vector<std::string> watched_;
    std::vector<file_stamp> seen_;      ///< stamps of `watched_` as they were last read, accepted or refused
    std::vector<file_stamp> last_look_; ///< stamps of the last check
    std::chrono::system_clock::time_point looked_;
    auth::password_cache cache_;
    std::map<auth::password_cache::digest, std::shared_ptr<check>> checks_;
    bool is_checking_ = false;
    std::shared_ptr<web_auth*> self_; ///< null after destruction: answers may come later
    password_worker worker_;          ///< last member: it is destroyed first, before what its answers use
};

} // namespace replmond::service
