#include "daemon/cloud/project_line.hpp"

#include "daemon/cloud/answer.hpp"
#include "daemon/cloud/body_description.hpp"
#include "daemon/cloud/clock_skew.hpp"
#include "daemon/cloud/observed_exchange.hpp"
#include "daemon/cloud/projects_answer.hpp"
#include "daemon/cloud/wall_clock.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/give_way.hpp"

#include <utility>
#include <variant>

namespace replmond::cloud {

namespace asio = boost::asio;

namespace {

using steady_duration = std::chrono::steady_clock::duration;

constexpr auto pause_after_failed_lookup = std::chrono::seconds(5);

void authenticate(net::http_request& request, const net::origin& to, std::string_view project_id,
                  const credential& with) {
    if (const auto* token = std::get_if<std::string>(&with.secret))
        request.headers.emplace_back("X-Auth-Token", *token);
    else
        sign_request(request, to.authority(), project_id, std::get<signing_key>(with.secret), wall_clock());
}

// How a request is sent, and what became of it.
struct sending {
    bool* sent_once = nullptr; ///< set: it must not be sent twice
    bool unanswered = false;   ///< a kept connection had been closed meanwhile
};

asio::awaitable<result<net::http_response>>
exchange(net::http_client& client, const net::http_request& request, steady_duration timeout, sending& how) {
    if (how.sent_once == nullptr)
        return client.exchange_counted(request, timeout, how.unanswered);
    return client.exchange_once(request, timeout, *how.sent_once);
}

// The list is what a credential is judged by.
asked_by judge_of(std::string_view operation) {
    return operation == "list" ? asked_by::list : asked_by::other;
}

// Good for a quarter of an hour, for whoever gets to see it.
std::string_view signature_in(const net::http_request& sent) {
    constexpr std::string_view name = "Signature=";
    const std::string_view value = net::find_header(sent.headers, "Authorization");
    const std::size_t at = value.find(name);
    return at == std::string_view::npos ? std::string_view() : value.substr(at + name.size());
}

// Our own secrets are taken out of what came back, before anybody reads it. An answer that is known byte by
// byte was looked through before.
void take_out_secrets(result<net::http_response>& answer, const net::http_request& sent,
                      const secret_mask& known) {
    if (answer && answer->has_known_body)
        return;
    secret_mask mask = known;
    mask.add(signature_in(sent));
    for (const auto* name : {"X-Auth-Token", "X-Security-Token"})
        mask.add(net::find_header(sent.headers, name));
    if (answer) {
        mask.apply(*answer);
        return;
    }
    failure why = answer.error();
    mask.apply(why);
    answer = std::move(why);
}

sent_request record_of(std::string_view operation, const request_gate& gate, int repeated,
                       std::chrono::steady_clock::time_point started) {
    const request_subject& about = gate.subject();
    sent_request sent;
    sent.operation = operation;
    sent.took = std::chrono::steady_clock::now() - started;
    sent.instance = about.instance;
    sent.instance_id = about.instance_id;
    sent.attempt = about.attempt + repeated;
    return sent;
}

// What the user can do about it, where the answer shows it.
failure with_advice(failure f, const net::http_response& answer) {
    if (f.result != poll_result::auth)
        return f;
    if (const auto difference = clock_difference(answer, wall_clock()))
        f.error_msg += describe_clock_difference(*difference);
    return f;
}

} // namespace

failure with_origin(failure f, const net::http_response& answer) {
    f.http_status = answer.status;
    f.request_id = request_id_of(answer);
    f.error_msg += "; " + describe_body(answer);
    return f;
}

project_line::project_line(project_access access)
    : access_(std::move(access)), project_id_(access_.project_id) {}

asio::awaitable<result<net::http_response>> project_line::get(std::string_view operation, std::string target,
                                                              request_gate& gate, steady_duration timeout,
                                                              std::shared_ptr<const std::string> known_body) {
    net::http_request request;
    request.target = std::move(target);
    request.known_body = std::move(known_body);
    request.headers.emplace_back("X-Language", "en-us");
    destination service{*access_.client, access_.origin, project_id_.value_or("")};
    auto answer = co_await send(service, operation, request, gate, timeout);
    if (!answer)
        co_return answer.error();
    if (auto refused = failure_of(*answer, wall_clock()))
        co_return with_advice(std::move(*refused), *answer);
    co_return answer;
}

asio::awaitable<result<net::http_response>> project_line::send_once(std::string_view operation,
                                                                    net::http_request request,
                                                                    request_gate& gate,
                                                                    steady_duration timeout, bool& sent) {
    request.headers.emplace_back("X-Language", "en-us");
    request.headers.emplace_back("Content-Type", "application/json");
    destination service{*access_.client, access_.origin, project_id_.value_or(""), &sent};
    auto answer = co_await send(service, operation, request, gate, timeout);
    co_return answer;
}

// Authenticates and sends. Sent once more, signed anew and counted as another request: after a 401 that may
// be cured by a new credential, and where a kept connection had been closed.
asio::awaitable<result<net::http_response>> project_line::send(destination& to, std::string_view operation,
                                                               net::http_request& request, request_gate& gate,
                                                               steady_duration timeout) {
    const std::size_t own_headers = request.headers.size();
    const asked_by judge = judge_of(operation);
    bool again = false;
    bool over_new_connection = false;
    int repeated = 0;
    for (;;) {
        auto leave = access_.keys->acquire_at_once(judge);
        if (!leave) {
            if (access_.keys->would_wait(judge))
                gate.step_aside();
            auto waited = co_await access_.keys->acquire(judge);
            if (!waited)
                co_return waited.error();
            leave = std::move(*waited);
        }
        const auto number = co_await gate.admit();
        std::optional<admission> admitted;
        admitted.emplace(gate, number);
        // The wait may have been long: what was refused or replaced meanwhile must not go out.
        if (!access_.keys->still_good(*leave, judge)) {
            admitted.reset();
            co_await net::give_way(); // nothing else here may have waited
            continue;
        }
        request.headers.resize(own_headers); // without those of a credential before
        authenticate(request, to.origin, to.project_id, leave->secret());
        admitted->sending();
        const auto started = std::chrono::steady_clock::now();
        sending how;
        how.sent_once = to.sent_once;
        auto answer = co_await exchange(to.client, request, timeout, how);
        const auto told = record_of(operation, gate, repeated++, started);
        if (answer)
            admitted->answered(answer->status);
        admitted.reset();
        if (answer && answer->status == 401)
            gate.step_aside(); // while secrets are read again
        take_out_secrets(answer, request, access_.keys->mask());
        tell_of_exchange(access_.observer, told, answer, {});
        const bool may_repeat = co_await access_.keys->report(std::move(*leave), answer, judge);
        if (how.unanswered && !std::exchange(over_new_connection, true))
            continue;
        if (!may_repeat || again)
            co_return answer;
        again = true;
        if (to.sent_once != nullptr)
            *to.sent_once = false; // refused at the gate: what counts is the next one
    }
}

asio::awaitable<result<std::string>> project_line::find_project_id(request_gate& waits_at,
                                                                   steady_duration timeout) {
    if (project_id_)
        co_return *project_id_;
    if (access_.keys->would_wait())
        waits_at.step_aside();
    auto revealed = co_await revealed_project_id();
    if (!revealed)
        co_return revealed.error();
    if (!project_id_ && *revealed)
        project_id_ = *revealed;
    if (project_id_)
        co_return *project_id_;
    waits_at.step_aside();
    auto asked = co_await ask_for_project_id(timeout);
    co_return asked;
}

// Single flight; and what fails is not asked again at once, however many need it.
asio::awaitable<result<std::string>> project_line::ask_for_project_id(steady_duration timeout) {
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
        project_line& of;
        explicit flag(project_line& line) : of(line) { of.asking_for_id_ = true; }
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

asio::awaitable<result<std::string>> project_line::look_up_project_id(steady_duration timeout) {
    net::http_request request;
    request.target = projects_target(access_.region);
    destination iam{*access_.iam_client, access_.iam_origin, ""};
    const auto answer = co_await send(iam, "projects", request, *access_.own_gate, timeout);
    if (!answer)
        co_return answer.error();
    auto found = decode_projects_answer(*answer, access_.region);
    if (!found)
        co_return with_advice(found.error(), *answer);
    co_return found;
}

asio::awaitable<result<std::optional<std::string>>> project_line::revealed_project_id() {
    const auto leave = co_await access_.keys->acquire();
    if (!leave)
        co_return leave.error();
    co_return leave->secret().project_id;
}

} // namespace replmond::cloud
