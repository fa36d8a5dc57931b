// One project's credential over its life. core/cloud/credential decides what may be sent with it. Here
// requests wait for that decision, and one of them obtains the credential for all.

#include "daemon/cloud/credentials.hpp"

#include "daemon/core/cloud/clock_skew.hpp"
#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/cloud/errors.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"

#include <fmt/format.h>

#include <utility>

namespace replmond::cloud {

namespace asio = boost::asio;

namespace {

// How often a source is asked at most. It may fail, return the same credential again, or one that has expired
// already by this host's clock (which may be wrong).
constexpr milliseconds pause_after_vain_renewal = std::chrono::seconds(15);
constexpr milliseconds pause_after_renewal = std::chrono::seconds(1);

uptime up() {
    return std::chrono::floor<milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

// Any other answer, also a 403, means that the gateway checked the credential and accepted it.
bool says_nothing_of_the_credential(const result<http::http_response>& answer) {
    return !answer || answer->status == 429 || answer->status >= 500;
}

// The secret is wiped from memory when the last request that uses it has ended.
std::shared_ptr<const credential> kept(credential fresh) {
    auto forget = [](credential* spent) {
        wipe(*spent);
        delete spent;
    };
    return {new credential(std::move(fresh)), forget};
}

bool is_expired(const credential& c) {
    return c.expires_at && *c.expires_at <= net::wall_clock();
}

failure ended_failure() {
    return make_failure(
        poll_result::auth,
        "replmond sent nothing: the credential has expired, and its source was asked less than a second ago");
}

} // namespace

// Marks an operation as under way. Reset even if the coroutine is cancelled in the middle; then the next
// caller starts the operation again.
struct credentials::flag {
    credentials& of;
    bool& up;
    flag(credentials& owner, bool& which) : of(owner), up(which) { up = true; }
    ~flag() {
        up = false;
        of.wake();
    }
};

credentials::grant::grant(credentials& owner, std::shared_ptr<const credential> secret, bool fresh)
    : owner_(&owner), secret_(std::move(secret)), generation_(owner.breaker_.generation()), fresh_(fresh) {}

credentials::grant::grant(grant&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), secret_(std::move(other.secret_)),
      generation_(other.generation_), fresh_(other.fresh_) {}

credentials::grant& credentials::grant::operator=(grant&& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(secret_, other.secret_);
    std::swap(generation_, other.generation_);
    std::swap(fresh_, other.fresh_);
    return *this;
}

// The request was cancelled or never sent: another request finds out whether the credential is accepted.
credentials::grant::~grant() {
    if (owner_ == nullptr)
        return;
    owner_->breaker_.undecided(generation_);
    owner_->wake();
}

credentials::credentials(asio::any_io_executor executor, std::string project,
                         std::unique_ptr<credential_source> source, credential_callbacks callbacks)
    : executor_(executor), project_(std::move(project)), source_(std::move(source)),
      callbacks_(std::move(callbacks)), changed_(executor, asio::steady_timer::time_point::max()) {
    callbacks_.state(true, std::nullopt);
}

// Every iteration waits for something or yields to the loop, so this cannot block the loop.
asio::awaitable<result<credentials::grant>> credentials::acquire(asked_by operation) {
    bool looked = false; // the secrets of this host were read, by this or another caller
    for (;;) {
        if (looking_ || renewing_) {
            looked = looked || looking_;
            co_await wait_for_change();
            continue;
        }
        const bool held = breaker_.held_for(operation, up());
        if ((held || recheck_secrets_) && !looked && source_->is_local()) {
            looked = true;
            co_await look();
            continue;
        }
        if (held)
            co_return held_failure();
        if (renewal_is_due()) {
            const auto failed = co_await renew();
            const bool unusable = !current_ || is_expired(*current_);
            if (failed && unusable)
                co_return *failed;
            co_await net::yield_to_loop(); // a source may answer without waiting for anything
            continue;
        }
        if (is_expired(*current_))
            co_return last_renewal_failure_.value_or(ended_failure());
        const bool fresh = !breaker_.proven();
        const auto decision = breaker_.ask(up(), operation);
        if (decision == credential_breaker::decision::go) {
            grant leave(*this, current_, fresh);
            co_return leave;
        }
        if (decision == credential_breaker::decision::wait)
            co_await wait_for_change();
    }
}

std::optional<credentials::grant> credentials::acquire_at_once(asked_by operation) {
    const bool ended = current_ && is_expired(*current_);
    if (would_wait(operation) || ended || breaker_.ask(up(), operation) != credential_breaker::decision::go)
        return std::nullopt;
    return grant(*this, current_, false);
}

bool credentials::would_wait(asked_by operation) const {
    if (breaker_.held_for(operation, up()))
        return source_->is_local();
    return looking_ || recheck_secrets_ || renewing_ || renewal_is_due() || !breaker_.proven();
}

bool credentials::still_good(const grant& of, asked_by operation) const {
    return of.generation_ == breaker_.generation() && !breaker_.held_for(operation, up()) &&
           !is_expired(*of.secret_);
}

void credentials::look_again() {
    recheck_secrets_ = current_ != nullptr && source_->is_local();
}

// Reads the secrets of this host. If that takes too long, they are read again before the next request.
asio::awaitable<void> credentials::look() {
    const flag under_way(*this, looking_);
    const auto generation = breaker_.generation();
    const bool doubted = std::exchange(recheck_secrets_, false);
    const auto found = co_await source_->fingerprint();
    recheck_secrets_ = recheck_secrets_ || (doubted && !found);
    if (!found || *found == fingerprint_ || generation != breaker_.generation())
        co_return;
    replace(nullptr);
    renew_not_before_ = {};
}

// An expired credential is renewed at once: the pause after a vain renewal is only for one that can still be
// used.
bool credentials::renewal_is_due() const {
    if (!current_)
        return true;
    const auto due = renew_at(*current_);
    if (!due || *due > net::wall_clock())
        return false;
    const bool at_once = is_expired(*current_) && !last_renewal_failure_;
    return up() >= (at_once ? replace_ended_not_before_ : renew_not_before_);
}

// Only one renewal at a time: meanwhile acquire() lets no other caller in.
asio::awaitable<std::optional<failure>> credentials::renew() {
    if (up() < renew_not_before_ && last_renewal_failure_)
        co_return last_renewal_failure_;
    const flag under_way(*this, renewing_);
    last_renewal_failure_ = co_await obtain();
    co_return last_renewal_failure_;
}

asio::awaitable<std::optional<failure>> credentials::obtain() {
    replace_ended_not_before_ = up() + pause_after_renewal;
    std::optional<std::string> print;
    if (source_->is_local())
        print = co_await source_->fingerprint();
    fingerprint_ = std::move(print).value_or("");
    const auto generation = breaker_.generation();
    auto fresh = co_await source_->obtain();
    make_mask();
    if (!fresh) {
        renew_not_before_ = up() + pause_after_vain_renewal;
        if (fresh.error().result == poll_result::auth)
            refused(generation, fresh.error(), asked_by::list);
        co_return fresh.error();
    }
    trust_though_expired(*fresh);
    const bool is_new = !current_ || is_expired(*current_) || !same_secret(*current_, *fresh);
    renew_not_before_ = up() + (is_new ? pause_after_renewal : pause_after_vain_renewal);
    if (is_new)
        replace(kept(std::move(*fresh)));
    callbacks_.state(true, current_->expires_at);
    co_return std::nullopt;
}

// By this host's clock the new credential has expired already, so the clock is wrong or the cloud's date is.
// The credential is used nevertheless: the cloud answers 401 if it is not valid.
void credentials::trust_though_expired(credential& fresh) {
    if (!is_expired(fresh))
        return;
    const timestamp end = *std::exchange(fresh.expires_at, std::nullopt);
    if (std::exchange(doubted_clock_, true))
        return;
    callbacks_.log(credential_expired(project_, fresh.source, end, net::wall_clock()));
}

void credentials::take_over_from(const credentials& before) {
    current_ = before.current_;
    fingerprint_ = before.fingerprint_;
    breaker_ = before.breaker_.copy_without_probe();
    last_renewal_failure_ = before.last_renewal_failure_;
    renew_not_before_ = before.renew_not_before_;
    refusal_ = before.refusal_;
    was_held_ = before.was_held_;
    recheck_secrets_ = before.recheck_secrets_;
    doubted_clock_ = before.doubted_clock_;
    previous_ = before.previous_;
    make_mask();
    callbacks_.state(!breaker_.held(up()), current_ ? current_->expires_at : std::nullopt);
}

asio::awaitable<bool> credentials::report(grant of, const result<http::http_response>& answer,
                                          asked_by operation) {
    // In this case the destructor of `of` reports it as undecided.
    if (says_nothing_of_the_credential(answer))
        co_return false;
    if (answer->status != 401) {
        prove(of, operation);
        co_return false;
    }
    while (looking_)
        co_await wait_for_change();
    if (is_decided(of, operation))
        co_return false;
    if (of.generation_ == breaker_.generation() && source_->is_local())
        co_await look();
    if (of.generation_ != breaker_.generation())
        co_return true; // it was replaced meanwhile
    if (source_->renewable() && !of.fresh_) {
        replace(nullptr);
        co_return true;
    }
    failure why = failure_of(*answer).value_or(failure{});
    if (const auto difference = clock_difference(*answer, net::wall_clock()))
        why.error_msg += describe_clock_difference(*difference);
    refused(of.generation_, why, operation);
    if (source_->renewable())
        current_ = nullptr; // after the hold a new one is obtained for the probe
    co_return false;
}

// A 401 then changes nothing: it is a failure of that operation only, or the hold has begun already.
bool credentials::is_decided(const grant& of, asked_by operation) const {
    return of.generation_ == breaker_.generation() &&
           (breaker_.held_for(operation, up()) || !breaker_.judges(operation));
}

void credentials::prove(const grant& of, asked_by operation) {
    const bool news = !breaker_.proven();
    breaker_.accepted(of.generation_, operation);
    if (!news || !breaker_.proven())
        return;
    wake();
    callbacks_.state(true, current_ ? current_->expires_at : std::nullopt);
    if (!std::exchange(was_held_, false))
        return;
    callbacks_.log(credential_accepted(project_, of.secret().source, net::wall_clock()));
}

void credentials::refused(std::uint64_t generation, const failure& why, asked_by operation) {
    if (!breaker_.refused(generation, up(), operation))
        return;
    refusal_ = why;
    was_held_ = true;
    callbacks_.state(false, current_ ? current_->expires_at : std::nullopt);
    wake();

    const std::string source = current_ ? current_->source : std::string();
    callbacks_.log(credential_refused(project_, source, why, net::wall_clock()));
}

void credentials::replace(std::shared_ptr<const credential> by) {
    if (current_)
        previous_ = std::move(current_);
    current_ = std::move(by);
    make_mask();
    breaker_.changed();
    wake();
}

void credentials::also_secret(std::string_view secret) {
    other_secrets_.emplace_back(secret);
    make_mask();
}

void credentials::make_mask() {
    mask_.clear();
    for (const auto& one : {current_, previous_}) {
        if (one)
            mask_.add(*one);
    }
    for (const std::string& secret : other_secrets_)
        mask_.add(secret);
    source_->add_secrets(mask_);
}

failure credentials::held_failure() const {
    failure f =
        make_failure(poll_result::auth,
                     fmt::format("replmond sent nothing: it holds the credential back after a refusal ({})",
                                 refusal_.error_msg));
    f.error_code = refusal_.error_code;
    return f;
}

asio::awaitable<void> credentials::wait_for_change() {
    co_await changed_.async_wait(net::nothrow);
}

void credentials::wake() {
    changed_.cancel();
}

} // namespace replmond::cloud
