#include "daemon/cloud/credentials.hpp"

#include "daemon/cloud/answer.hpp"
#include "daemon/cloud/clock_skew.hpp"
#include "daemon/cloud/wall_clock.hpp"
#include "daemon/net/async.hpp"

#include <fmt/format.h>

#include <utility>

namespace replmond::cloud {

namespace asio = boost::asio;

namespace {

// A source is not asked at every request, whatever it answers: it may fail, give the same again, or give what
// ended already (by our clock, which may be wrong).
constexpr milliseconds pause_after_vain_renewal = std::chrono::seconds(15);
constexpr milliseconds pause_after_renewal = std::chrono::seconds(1);

uptime up() {
    return std::chrono::floor<milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

// Any answer but these means that the gateway looked at the credential and let it pass, a 403 too.
bool says_nothing_of_the_credential(const result<net::http_response>& answer) {
    return !answer || answer->status == 429 || answer->status >= 500;
}

// Its secret leaves memory with the last request that uses it.
std::shared_ptr<const credential> kept(credential fresh) {
    auto forget = [](credential* spent) {
        wipe(*spent);
        delete spent;
    };
    return {new credential(std::move(fresh)), forget};
}

bool is_expired(const credential& c) {
    return c.expires_at && *c.expires_at <= wall_clock();
}

} // namespace

credentials::grant::grant(credentials& owner, std::shared_ptr<const credential> secret, bool fresh)
    : owner_(&owner), secret_(std::move(secret)), generation_(owner.gate_.generation()), fresh_(fresh) {}

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

// A request that was cancelled, or never sent: somebody else finds out.
credentials::grant::~grant() {
    if (owner_ == nullptr)
        return;
    owner_->gate_.undecided(generation_);
    owner_->wake();
}

credentials::credentials(asio::any_io_executor executor, std::string project,
                         std::unique_ptr<credential_source> source, credential_hooks hooks)
    : executor_(executor), project_(std::move(project)), source_(std::move(source)), hooks_(std::move(hooks)),
      changed_(executor, asio::steady_timer::time_point::max()) {
    hooks_.state(true, std::nullopt);
}

asio::awaitable<result<credentials::grant>> credentials::acquire() {
    for (;;) {
        if (gate_.held(up())) {
            if (!local_secrets_changed())
                co_return held_failure();
            replace(nullptr);
            renew_not_before_ = {};
        }
        if (renewal_is_due()) {
            const auto failed = co_await renew();
            const bool unusable = !current_ || is_expired(*current_);
            if (failed && unusable)
                co_return *failed;
            continue;
        }
        if (last_renewal_failure_ && is_expired(*current_))
            co_return *last_renewal_failure_;
        const bool fresh = !gate_.proven();
        const auto admission = gate_.ask(up());
        if (admission == credential_gate::admission::go) {
            grant leave(*this, current_, fresh);
            co_return leave;
        }
        if (admission == credential_gate::admission::wait)
            co_await wait_for_change();
    }
}

std::optional<credentials::grant> credentials::acquire_at_once() {
    const bool failed = last_renewal_failure_ && current_ && is_expired(*current_);
    if (would_wait() || failed || gate_.ask(up()) != credential_gate::admission::go)
        return std::nullopt;
    return grant(*this, current_, false);
}

bool credentials::would_wait() const {
    if (gate_.held(up()))
        return false;
    return renewing_ || renewal_is_due() || !gate_.proven();
}

bool credentials::still_good(const grant& of) const {
    return of.generation_ == gate_.generation() && !gate_.held(up()) && !is_expired(*of.secret_);
}

void credentials::look_again() {
    if (!current_ || !local_secrets_changed())
        return;
    replace(nullptr);
    renew_not_before_ = {};
}

bool credentials::renewal_is_due() const {
    if (!current_)
        return true;
    const auto due = renew_at(*current_);
    return due && *due <= wall_clock() && up() >= renew_not_before_;
}

// Single flight: whoever comes while a renewal is under way waits for that one.
asio::awaitable<std::optional<failure>> credentials::renew() {
    if (renewing_) {
        while (renewing_)
            co_await wait_for_change();
        co_return last_renewal_failure_;
    }
    if (up() < renew_not_before_ && last_renewal_failure_)
        co_return last_renewal_failure_;

    // Reset also when the caller is cancelled in the middle: the next one begins anew.
    struct flag {
        credentials& of;
        explicit flag(credentials& c) : of(c) { of.renewing_ = true; }
        ~flag() {
            of.renewing_ = false;
            of.wake();
        }
    };
    const flag under_way(*this);
    last_renewal_failure_ = co_await obtain();
    co_return last_renewal_failure_;
}

asio::awaitable<std::optional<failure>> credentials::obtain() {
    fingerprint_ = source_->fingerprint();
    const auto generation = gate_.generation();
    auto fresh = co_await source_->obtain();
    if (!fresh) {
        renew_not_before_ = up() + pause_after_vain_renewal;
        if (fresh.error().result == poll_result::auth)
            refused(generation, fresh.error());
        co_return fresh.error();
    }
    trust_though_expired(*fresh);
    const bool is_new = !current_ || is_expired(*current_) || !same_secret(*current_, *fresh);
    renew_not_before_ = up() + (is_new ? pause_after_renewal : pause_after_vain_renewal);
    if (is_new)
        replace(kept(std::move(*fresh)));
    hooks_.state(true, current_->expires_at);
    co_return std::nullopt;
}

// By our clock it has ended already: the clock is wrong, or what the cloud says. Whether it is good the cloud
// knows, which answers 401 where it is not.
void credentials::trust_though_expired(credential& fresh) {
    if (!is_expired(fresh))
        return;
    const timestamp end = *std::exchange(fresh.expires_at, std::nullopt);
    if (std::exchange(doubted_clock_, true))
        return;
    event e = event_of(
        "credential_expired", severity::warn,
        "a new credential has expired already by this host's clock; it is used until the cloud refuses "
        "it: check that the clock is right");
    hooks_.say(std::move(e.with("credential", fresh.source).with("expires", to_rfc3339(end))));
}

void credentials::go_on_from(const credentials& before) {
    current_ = before.current_;
    fingerprint_ = before.fingerprint_;
    gate_ = before.gate_.without_its_requests();
    last_renewal_failure_ = before.last_renewal_failure_;
    renew_not_before_ = before.renew_not_before_;
    refusal_ = before.refusal_;
    was_held_ = before.was_held_;
    doubted_clock_ = before.doubted_clock_;
    hooks_.state(!gate_.held(up()), current_ ? current_->expires_at : std::nullopt);
}

bool credentials::report(grant of, const result<net::http_response>& answer) {
    of.owner_ = nullptr;
    if (says_nothing_of_the_credential(answer)) {
        gate_.undecided(of.generation_);
        wake();
        return false;
    }
    if (answer->status != 401) {
        prove(of);
        return false;
    }
    if (of.generation_ != gate_.generation())
        return true; // it was replaced meanwhile
    if (local_secrets_changed() || (source_->renewable() && !of.fresh_)) {
        replace(nullptr);
        return true;
    }
    failure why = failure_of(*answer).value_or(failure{});
    if (const auto difference = clock_difference(*answer, wall_clock()))
        why.error_msg += describe_clock_difference(*difference);
    refused(of.generation_, why);
    if (source_->renewable())
        current_ = nullptr; // after the hold a new one is the probe
    return false;
}

void credentials::prove(const grant& of) {
    const bool news = !gate_.proven();
    gate_.accepted(of.generation_);
    if (!news || !gate_.proven())
        return;
    wake();
    hooks_.state(true, current_ ? current_->expires_at : std::nullopt);
    if (!std::exchange(was_held_, false))
        return;
    event e = event_of("credential_accepted", severity::info, "the credential is accepted again");
    hooks_.say(std::move(e.with("credential", of.secret().source)));
}

void credentials::refused(std::uint64_t generation, const failure& why) {
    if (!gate_.refused(generation, up()))
        return;
    refusal_ = why;
    was_held_ = true;
    hooks_.state(false, current_ ? current_->expires_at : std::nullopt);
    wake();

    event e = event_of(
        "credential_refused", severity::error,
        "the cloud refused the credential; nothing is sent with it for 5 minutes, or until it changes: check "
        "that it is right, active and of this account, and that this host's clock is");
    if (current_)
        e.with("credential", current_->source);
    if (!why.error_code.empty())
        e.with("error_code", why.error_code);
    if (!why.error_msg.empty())
        e.with("error_msg", why.error_msg);
    if (!why.request_id.empty())
        e.with("request_id", why.request_id);
    hooks_.say(std::move(e));
}

void credentials::replace(std::shared_ptr<const credential> by) {
    current_ = std::move(by);
    gate_.changed();
    wake();
}

bool credentials::local_secrets_changed() const {
    return source_->fingerprint() != fingerprint_;
}

event credentials::event_of(const char* name, severity level, std::string message) const {
    event e;
    e.name = name;
    e.level = level;
    e.time = wall_clock();
    e.message = std::move(message);
    e.project = project_;
    return e;
}

failure credentials::held_failure() const {
    failure f;
    f.result = poll_result::auth;
    f.error_code = refusal_.error_code;
    f.error_msg =
        fmt::format("nothing was sent: the credential is held after a refusal ({})", refusal_.error_msg);
    return f;
}

asio::awaitable<void> credentials::wait_for_change() {
    co_await changed_.async_wait(net::nothrow);
}

void credentials::wake() {
    changed_.cancel();
}

} // namespace replmond::cloud
