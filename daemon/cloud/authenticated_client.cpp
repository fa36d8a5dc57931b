// Every request to a project's service: permit, credential, signature, exchange, and what the answer tells
// about the credential. project_api and task_commands use it.

#include "daemon/cloud/authenticated_client.hpp"

#include "daemon/cloud/observed_exchange.hpp"
#include "daemon/core/cloud/clock_skew.hpp"
#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/cloud/iam.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"

#include <utility>
#include <variant>

namespace replmond::cloud {

namespace asio = boost::asio;

namespace {

using steady_duration = std::chrono::steady_clock::duration;

constexpr auto pause_after_failed_lookup = std::chrono::seconds(5);

void authenticate(http::http_request& request, const http::origin& to, std::string_view project_id,
                  const credential& with) {
    if (const auto* token = std::get_if<std::string>(&with.secret))
        request.headers.emplace_back("X-Auth-Token", *token);
    else
        sign_request(request, to.authority(), project_id, std::get<signing_key>(with.secret),
                     net::wall_clock());
}

// How a request is sent, and what happened to it.
struct sending {
    bool* sent_once = nullptr; ///< not null: the request must not be sent twice
    bool unanswered = false;   ///< a pooled connection had been closed by the server
};

asio::awaitable<result<http::http_response>> exchange(client::http_client& client,
                                                      const http::http_request& request,
                                                      steady_duration timeout, sending& how) {
    if (how.sent_once == nullptr)
        return client.exchange_counted(request, timeout, how.unanswered);
    return client.exchange_once(request, timeout, *how.sent_once);
}

// A 401 of the list always says something about the credential. One of another operation does so only until
// the list has accepted the credential (the contract, "What a poll does").
asked_by asked_by_of(std::string_view operation) {
    return operation == "list" ? asked_by::list : asked_by::other;
}

// The signature stays valid for 15 minutes for anyone who sees it (API.md, section 5.2), so it is masked.
std::string_view signature_in(const http::http_request& sent) {
    constexpr std::string_view name = "Signature=";
    const std::string_view value = http::find_header(sent.headers, "Authorization");
    const std::size_t at = value.find(name);
    return at == std::string_view::npos ? std::string_view() : value.substr(at + name.size());
}

// Masks our own secrets in the answer before anything reads it. A body equal to the known one was masked when
// it came first.
void take_out_secrets(result<http::http_response>& answer, const http::http_request& sent,
                      const secret_mask& known) {
    if (answer && answer->has_known_body)
        return;
    secret_mask mask = known;
    mask.add(signature_in(sent));
    for (const auto* name : {"X-Auth-Token", "X-Security-Token"})
        mask.add(http::find_header(sent.headers, name));
    if (answer) {
        mask.apply(*answer);
        return;
    }
    failure why = answer.error();
    mask.apply(why);
    answer = std::move(why);
}

sent_request record_of(std::string_view operation, const permit_source& permits, int repeated,
                       std::chrono::steady_clock::time_point started) {
    const request_subject& about = permits.subject();
    sent_request sent;
    sent.operation = operation;
    sent.took = std::chrono::steady_clock::now() - started;
    sent.instance = about.instance;
    sent.instance_id = about.instance_id;
    sent.attempt = about.attempt + repeated;
    return sent;
}

// Adds what the user can do about an `auth` failure: the clock difference, if the answer shows one.
failure with_advice(failure f, const http::http_response& answer) {
    if (f.result != poll_result::auth)
        return f;
    if (const auto difference = clock_difference(answer, net::wall_clock()))
        f.error_msg += describe_clock_difference(*difference);
    return f;
}

} // namespace

failure with_origin(failure f, const http::http_response& answer) {
    f.http_status = answer.status;
    f.request_id = request_id_of(answer);
    f.error_msg += "; " + describe_body(answer);
    return f;
}

authenticated_client::authenticated_client(authenticated_client_options access)
    : access_(std::move(access)), project_id_(access_.project_id) {}

asio::awaitable<result<http::http_response>>
authenticated_client::get(std::string_view operation, std::string target, permit_source& permits,
                          steady_duration timeout, std::shared_ptr<const std::string> known_body) {
    http::http_request request;
    request.target = std::move(target);
    request.known_body = std::move(known_body);
    request.headers.emplace_back("X-Language", access_.language);
    destination service{*access_.client, access_.origin, project_id_.value_or("")};
    auto answer = co_await send(service, operation, request, permits, timeout);
    if (!answer)
        co_return answer.error();
    if (auto refused = failure_of(*answer, net::wall_clock()))
        co_return with_advice(std::move(*refused), *answer);
    co_return answer;
}

asio::awaitable<result<http::http_response>>
authenticated_client::send_once(std::string_view operation, http::http_request request,
                                permit_source& permits, steady_duration timeout, bool& sent) {
    request.headers.emplace_back("X-Language", access_.language);
    request.headers.emplace_back("Content-Type", "application/json");
    destination service{*access_.client, access_.origin, project_id_.value_or(""), &sent};
    auto answer = co_await send(service, operation, request, permits, timeout);
    co_return answer;
}

// Authenticates and sends the request. It is sent once more, signed again and counted as another request, in
// two cases: after a 401 that a new credential may cure, and when a pooled connection turned out to be
// closed.
asio::awaitable<result<http::http_response>>
authenticated_client::send(destination& to, std::string_view operation, http::http_request& request,
                           permit_source& permits, steady_duration timeout) {
    const std::size_t own_headers = request.headers.size();
    const asked_by judge = asked_by_of(operation);
    bool again = false;
    bool over_new_connection = false;
    int repeated = 0;
    for (;;) {
        auto leave = access_.keys->acquire_at_once(judge);
        if (!leave) {
            if (access_.keys->would_wait(judge))
                permits.release_slot();
            auto waited = co_await access_.keys->acquire(judge);
            if (!waited)
                co_return waited.error();
            leave = std::move(*waited);
        }
        const auto number = co_await permits.acquire();
        std::optional<request_permit> admitted;
        admitted.emplace(permits, number);
        // The wait may have been long: a credential that was refused or replaced meanwhile must not be used.
        if (!access_.keys->still_good(*leave, judge)) {
            admitted.reset();
            co_await net::yield_to_loop(); // otherwise this loop might never wait
            continue;
        }
        request.headers.resize(own_headers); // removes the headers of the previous credential
        authenticate(request, to.origin, to.project_id, leave->secret());
        admitted->sending();
        const auto started = std::chrono::steady_clock::now();
        sending how;
        how.sent_once = to.sent_once;
        auto answer = co_await exchange(to.client, request, timeout, how);
        auto told = record_of(operation, permits, repeated++, started);
        if (answer)
            admitted->answered(answer->status);
        admitted.reset();
        if (answer && answer->status == 401)
            permits.release_slot(); // while the secrets of this host are read again
        take_out_secrets(answer, request, access_.keys->mask());
        told.answer = answer ? &*answer : nullptr;
        notify_of_exchange(access_.observer, told, answer, {});
        const bool may_repeat = co_await access_.keys->report(std::move(*leave), answer, judge);
        if (how.unanswered && !std::exchange(over_new_connection, true))
            continue;
        if (!may_repeat || again)
            co_return answer;
        again = true;
        if (to.sent_once != nullptr)
            *to.sent_once = false; // the gateway refused the first one; only the second one counts
    }
}

asio::awaitable<result<std::string>> authenticated_client::find_project_id(permit_source& waits_at,
                                                                           steady_duration timeout) {
    if (project_id_)
        co_return *project_id_;
    if (access_.keys->would_wait())
        waits_at.release_slot();
    auto revealed = co_await revealed_project_id();
    if (!revealed)
        co_return revealed.error();
    if (!project_id_ && *revealed)
        project_id_ = *revealed;
    if (project_id_)
        co_return *project_id_;
    waits_at.release_slot();
    auto asked = co_await ask_for_project_id(timeout);
    co_return asked;
}

// Only one request to IAM at a time, and after a failure the next one only after a pause, however many
// callers wait.
asio::awaitable<result<std::string>> authenticated_client::ask_for_project_id(steady_duration timeout) {
    if (!id_asked_) {
        auto executor = co_await asio::this_coro::executor;
        id_asked_.emplace(executor, asio::steady_timer::time_point::max());
    }
    while (asking_for_id_)
        co_await id_asked_->async_wait(net::nothrow);
    if (project_id_)
        co_return *project_id_;
    if (id_failure_ && std::chrono::steady_clock::now() < ask_id_again_)
        co_return *id_failure_;

    struct flag {
        authenticated_client& of;
        explicit flag(authenticated_client& line) : of(line) { of.asking_for_id_ = true; }
        ~flag() {
            of.asking_for_id_ = false;
            of.id_asked_->cancel();
        }
    };
    const flag under_way(*this);
    auto found = co_await look_up_project_id(timeout);
    if (found) {
        project_id_ = *found;
    } else {
        id_failure_ = found.error();
        ask_id_again_ = std::chrono::steady_clock::now() + pause_after_failed_lookup;
    }
    co_return found;
}

asio::awaitable<result<std::string>> authenticated_client::look_up_project_id(steady_duration timeout) {
    http::http_request request;
    request.target = projects_target(access_.region);
    destination iam{*access_.iam_client, access_.iam_origin, ""};
    const auto answer = co_await send(iam, "projects", request, *access_.own_permits, timeout);
    if (!answer)
        co_return answer.error();
    auto found = decode_projects_answer(*answer, access_.region);
    if (!found)
        co_return with_advice(found.error(), *answer);
    co_return found;
}

asio::awaitable<result<std::optional<std::string>>> authenticated_client::revealed_project_id() {
    const auto leave = co_await access_.keys->acquire();
    if (!leave)
        co_return leave.error();
    co_return leave->secret().project_id;
}

} // namespace replmond::cloud
