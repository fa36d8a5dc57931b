#pragma once

#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/cloud/secret_mask.hpp"
#include "daemon/core/http/message.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/model/failure.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::cloud {

/// Where a credential comes from: files, IAM, the metadata service.
class credential_source {
public:
    virtual ~credential_source() = default;

    /// Reads or fetches the credential anew. Fails with `auth` where it was refused or a secret cannot be
    /// read.
    virtual boost::asio::awaitable<result<credential>> obtain() = 0;

    /// True where something lies on this host (files, environment) that may change.
    virtual bool is_local() const = 0;

    /// Changes when that changes. Nothing where it could not be read in time.
    virtual boost::asio::awaitable<std::optional<std::string>> fingerprint() = 0;

    /// True where obtain() gives another credential each time: a token, temporary keys.
    virtual bool renewable() const = 0;

    /// Adds what the last obtain() used beside the credential itself: a password, the token of a service.
    virtual void add_secrets(secret_mask&) const {}
};

/// Told of what happens to a credential.
struct credential_callbacks {
    std::function<void(event)> log;
    std::function<void(bool usable, std::optional<timestamp> expires_at)> state;
};

/// The credential of one project: obtained once for all who need it, renewed before it ends, held after a
/// refusal. One thread only; must outlive its grants.
class credentials {
public:
    credentials(boost::asio::any_io_executor executor, std::string project,
                std::unique_ptr<credential_source> source, credential_callbacks callbacks);

    /// Leave to send one request. Given back by its end; report() says what became of the request.
    class grant {
    public:
        grant() = default;
        grant(grant&& other) noexcept;
        grant& operator=(grant&& other) noexcept;
        ~grant();

        const credential& secret() const { return *secret_; }

    private:
        friend class credentials;
        grant(credentials& owner, std::shared_ptr<const credential> secret, bool fresh);

        credentials* owner_ = nullptr; ///< null: reported, or moved from
        std::shared_ptr<const credential> secret_;
        std::uint64_t generation_ = 0;
        bool fresh_ = false; ///< nobody had been accepted with it
    };

    /// Waits while it is obtained, renewed or proven by somebody else, and while the secrets of this host are
    /// read: after look_again(), and each time while it is held. Fails with `auth` while it is held, without
    /// any request, and as obtain() does. Throws operation_aborted when the caller is cancelled.
    boost::asio::awaitable<result<grant>> acquire(asked_by operation = asked_by::list);

    /// The same where nothing has to be waited for; else nothing.
    std::optional<grant> acquire_at_once(asked_by operation);

    /// True where acquire() would not answer at once.
    bool would_wait(asked_by operation = asked_by::list) const;

    /// False once the credential of that grant was refused or replaced.
    bool still_good(const grant& of, asked_by operation) const;

    /// Secrets may have changed: where they did, the next request is sent with the new ones.
    void look_again();

    /// The same credential, used over another connection from now on: a hold goes on, and what is known to be
    /// good stays. Before anybody has acquired it.
    void go_on_from(const credentials& before);

    /// Says how the request ended; after a 401 the secrets of this host are read again. True: there is, or
    /// may be, a new credential, and the request may be sent once more. `answer` must stay valid. Throws
    /// operation_aborted when the caller is cancelled.
    boost::asio::awaitable<bool> report(grant of, const result<http::http_response>& answer,
                                        asked_by operation = asked_by::list);

    /// A secret that is used beside the credential: a proxy's password.
    void also_secret(std::string_view secret);

    /// What must not be taken in: the secrets in use, and those of the credential before.
    const secret_mask& mask() const { return mask_; }

    /// The one in use; null before the first and after one was dropped.
    std::shared_ptr<const credential> current() const { return current_; }

private:
    struct flag;

    boost::asio::awaitable<std::optional<failure>> renew();
    boost::asio::awaitable<std::optional<failure>> obtain();
    boost::asio::awaitable<void> wait_for_change();
    boost::asio::awaitable<void> look();
    bool renewal_is_due() const;
    void replace(std::shared_ptr<const credential> by);
    void make_mask();
    void trust_though_expired(credential& fresh);
    void refused(std::uint64_t generation, const failure& why, asked_by operation);
    void prove(const grant& of, asked_by operation);
    bool is_decided(const grant& of, asked_by operation) const;
    void wake();
    failure held_failure() const;

    boost::asio::any_io_executor executor_;
    std::string project_;
    std::unique_ptr<credential_source> source_;
    credential_callbacks callbacks_;
    credential_breaker breaker_;
    std::shared_ptr<const credential> current_;
    std::string fingerprint_; ///< of the local secrets that `current_` came from, or that were refused
    bool renewing_ = false;
    bool looking_ = false; ///< into the secrets of this host
    bool doubted_ = false; ///< they may have changed: they are looked at before the next request
    std::optional<failure> last_renewal_failure_;
    uptime renew_not_before_{};                  ///< a source that fails is not asked at every tick
    uptime replace_ended_not_before_{};          ///< nor is one whose credentials end at once
    failure refusal_;                            ///< why it is held
    std::shared_ptr<const credential> previous_; ///< a request with it may be under way
    std::vector<std::string> other_secrets_;
    secret_mask mask_;
    bool was_held_ = false;
    bool doubted_clock_ = false;        ///< and said so
    boost::asio::steady_timer changed_; ///< never expires; cancelled to wake whoever waits
};

} // namespace replmond::cloud
