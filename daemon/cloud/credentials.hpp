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

/// Where a credential comes from: files, IAM, or the metadata service.
class credential_source {
public:
    virtual ~credential_source() = default;

    /// Reads or fetches the credential anew. Fails with `auth` if it was refused or a secret cannot be read.
    /// Throws operation_aborted when the caller is cancelled.
    virtual boost::asio::awaitable<result<credential>> obtain() = 0;

    /// True if the source uses secrets of this host (files, environment), which may change.
    virtual bool is_local() const = 0;

    /// A value that changes when these secrets change. Nothing if they could not be read in time.
    virtual boost::asio::awaitable<std::optional<std::string>> fingerprint() = 0;

    /// True if obtain() gives another credential each time: a token, or temporary keys.
    virtual bool renewable() const = 0;

    /// Adds the secrets that the last obtain() used besides the credential: a password, or the metadata
    /// service's token.
    virtual void add_secrets(secret_mask&) const {}
};

/// How changes of a credential are reported.
struct credential_callbacks {
    std::function<void(event)> log;
    std::function<void(bool usable, std::optional<timestamp> expires_at)> state;
};

/// The credential of one project. It is obtained once for all requests, renewed before it expires, and held
/// after a refusal (the contract, "What a poll does"). To be used from one thread; must outlive its grants.
class credentials {
public:
    credentials(boost::asio::any_io_executor executor, std::string project,
                std::unique_ptr<credential_source> source, credential_callbacks callbacks);

    /// The right to send one request with the credential. The destructor gives it back; report() tells how
    /// the request ended.
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

        credentials* owner_ = nullptr; ///< null: already reported, or moved from
        std::shared_ptr<const credential> secret_;
        std::uint64_t generation_ = 0;
        bool fresh_ = false; ///< no request had been accepted with this credential
    };

    /// Waits while the credential is obtained or renewed, while another request proves it, and while the
    /// secrets of this host are read (after look_again(), and on each call during a hold). Fails with `auth`
    /// during a hold, without any request, and as obtain() fails. Throws operation_aborted when the caller is
    /// cancelled.
    boost::asio::awaitable<result<grant>> acquire(asked_by operation = asked_by::list);

    /// Like acquire() if nothing has to be waited for; else returns nothing.
    std::optional<grant> acquire_at_once(asked_by operation);

    /// Whether acquire() would have to wait.
    bool would_wait(asked_by operation = asked_by::list) const;

    /// False once the credential of that grant was refused, replaced, or has expired.
    bool still_good(const grant& of, asked_by operation) const;

    /// Secrets of this host may have changed. If so, the next request uses the new ones.
    void look_again();

    /// Takes over from `before`, the same credential used by the previous client: a hold goes on, and a
    /// credential that was accepted stays accepted. To be called before the first acquire().
    void take_over_from(const credentials& before);

    /// Reports how the request ended. After a 401 the secrets of this host are read again. Returns true if
    /// there is, or may be, a new credential, so that the request may be sent once more. `answer` must stay
    /// valid until the coroutine ends. Throws operation_aborted when the caller is cancelled.
    boost::asio::awaitable<bool> report(grant of, const result<http::http_response>& answer,
                                        asked_by operation = asked_by::list);

    /// Adds a secret that is used besides the credential: a proxy's password.
    void also_secret(std::string_view secret);

    /// The secrets to take out of answers: those in use, and those of the previous credential.
    const secret_mask& mask() const { return mask_; }

    /// The credential in use; null before the first one, and after one was dropped.
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
    std::string fingerprint_; ///< of the local secrets that current_ came from, or that were refused
    bool renewing_ = false;
    bool looking_ = false; ///< the secrets of this host are being read
    /// The secrets of this host may have changed; they are read before the next request.
    bool recheck_secrets_ = false;
    std::optional<failure> last_renewal_failure_;
    uptime renew_not_before_{};                  ///< a source that fails is not asked at every tick
    uptime replace_ended_not_before_{};          ///< nor is a source whose credentials expire at once
    failure refusal_;                            ///< the reason of the hold
    std::shared_ptr<const credential> previous_; ///< a request that uses it may be under way
    std::vector<std::string> other_secrets_;
    secret_mask mask_;
    bool was_held_ = false;
    bool doubted_clock_ = false; ///< a wrong clock was suspected, and that was logged
    /// Never expires; used as a latch: cancelled to wake all waiting coroutines.
    boost::asio::steady_timer changed_;
};

} // namespace replmond::cloud
