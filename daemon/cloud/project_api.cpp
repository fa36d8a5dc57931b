#include "daemon/cloud/project_api.hpp"

#include "daemon/cloud/answer.hpp"
#include "daemon/cloud/clock_skew.hpp"
#include "daemon/cloud/observed_exchange.hpp"
#include "daemon/cloud/projects_answer.hpp"

#include <functional>
#include <utility>
#include <variant>

namespace replmond::cloud {

namespace asio = boost::asio;

namespace {

using steady_duration = std::chrono::steady_clock::duration;

timestamp wall_clock() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

void authenticate(net::http_request& request, const net::origin& to, std::string_view project_id,
                  const credential& with) {
    if (const auto* token = std::get_if<std::string>(&with.secret))
        request.headers.emplace_back("X-Auth-Token", *token);
    else
        sign_request(request, to.authority(), project_id, std::get<signing_key>(with.secret), wall_clock());
}

class remote_project final : public project_api {
public:
    explicit remote_project(project_access access)
        : access_(std::move(access)), project_id_(access_.project_id) {}

    std::optional<std::string> known_project_id() const override { return project_id_; }

    void look_at_secrets() override { access_.keys->look_again(); }

    asio::awaitable<result<page>> list(list_query query, request_gate& gate,
                                       steady_duration timeout) override {
        target_function target = [query = std::move(query)](std::string_view project) {
            return list_target(project, query);
        };
        return get_decoded<page>("list", std::move(target), &decode_page, gate, timeout);
    }

    asio::awaitable<result<task_configuration>> configuration(configuration_query query, request_gate& gate,
                                                              steady_duration timeout) override {
        target_function target = [query = std::move(query)](std::string_view project) {
            return configuration_target(project, query);
        };
        return get_decoded<task_configuration>("configuration", std::move(target), &decode_configuration,
                                               gate, timeout);
    }

    asio::awaitable<result<instances_page>> instances(instances_query query, request_gate& gate,
                                                      steady_duration timeout) override {
        target_function target = [query](std::string_view project) {
            return instances_target(project, query);
        };
        return get_decoded<instances_page>("instances", std::move(target), &decode_instances, gate, timeout);
    }

    asio::awaitable<result<htap_list>> htap(std::string taurusdb_id, request_gate& gate,
                                            steady_duration timeout) override {
        target_function target = [id = std::move(taurusdb_id)](std::string_view project) {
            return htap_target(project, id);
        };
        return get_decoded<htap_list>("htap", std::move(target), &decode_htap, gate, timeout);
    }

    asio::awaitable<result<credential_proof>> prove(steady_duration timeout) override {
        const auto project = co_await find_project_id(*access_.own_gate, timeout);
        if (!project)
            co_return project.error();
        instances_query one;
        one.limit = 1;
        auto target = instances_target(*project, one);
        const auto answer = co_await get("instances", std::move(target), *access_.own_gate, timeout);
        const bool looked_at =
            answer || (answer.error().http_status != 0 && answer.error().result == poll_result::http &&
                       answer.error().http_status < 500);
        if (!looked_at)
            co_return answer.error();

        credential_proof proof;
        proof.project_id = *project;
        if (!answer)
            proof.not_allowed = answer.error();
        if (const auto current = access_.keys->current()) {
            proof.source = current->source;
            proof.expires_at = current->expires_at;
        }
        co_return proof;
    }

private:
    using target_function = std::function<std::string(std::string_view project_id)>;

    struct destination {
        net::http_client& client;
        const net::origin& origin;
        std::string project_id; ///< signed along; empty: none
    };

    // One GET of the service, decoded. `operation` is a literal: the coroutine keeps the view.
    template<class T>
    asio::awaitable<result<T>> get_decoded(std::string_view operation, target_function target_of,
                                           result<T> (*decode)(std::string_view body), request_gate& gate,
                                           steady_duration timeout) {
        const auto project = co_await find_project_id(gate, timeout);
        if (!project)
            co_return project.error();
        auto target = target_of(*project);
        const auto answer = co_await get(operation, std::move(target), gate, timeout);
        if (!answer)
            co_return answer.error();
        auto decoded = decode(answer->body);
        if (!decoded)
            co_return with_origin(decoded.error(), *answer);
        co_return decoded;
    }

    // One GET of the service; any status but 200 is a failure.
    asio::awaitable<result<net::http_response>> get(std::string_view operation, std::string target,
                                                    request_gate& gate, steady_duration timeout) {
        net::http_request request;
        request.target = std::move(target);
        request.headers.emplace_back("X-Language", "en-us");
        destination service{*access_.client, access_.origin, project_id_.value_or("")};
        auto answer = co_await send(service, operation, request, gate, timeout);
        if (!answer)
            co_return answer.error();
        if (auto refused = failure_of(*answer, wall_clock()))
            co_return with_advice(std::move(*refused), *answer);
        co_return answer;
    }

    // Authenticates and sends; a 401 that may be cured by a new credential is answered by one more try.
    asio::awaitable<result<net::http_response>> send(destination& to, std::string_view operation,
                                                     const net::http_request& request, request_gate& gate,
                                                     steady_duration timeout) {
        bool again = false;
        for (;;) {
            if (access_.keys->would_wait())
                gate.step_aside();
            auto leave = co_await access_.keys->acquire();
            if (!leave)
                co_return leave.error();
            const auto number = co_await gate.admit();
            admission admitted(gate, number);
            // The wait may have been long: what was refused or replaced meanwhile must not go out.
            if (!access_.keys->still_good(*leave))
                continue;
            net::http_request authentic = request;
            authenticate(authentic, to.origin, to.project_id, leave->secret());
            admitted.sending();
            auto answer =
                co_await observed_exchange(to.client, authentic, timeout, operation, access_.observer);
            if (answer)
                admitted.answered(answer->status);
            const bool may_repeat = access_.keys->report(std::move(*leave), answer);
            if (!may_repeat || again)
                co_return answer;
            again = true;
        }
    }

    // Configured, revealed by the credential, or asked of IAM: the first time by one caller for all.
    asio::awaitable<result<std::string>> find_project_id(request_gate& waits_at, steady_duration timeout) {
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

        net::http_request request;
        request.target = projects_target(access_.region);
        destination iam{*access_.iam_client, access_.iam_origin, ""};
        waits_at.step_aside();
        const auto answer = co_await send(iam, "projects", request, *access_.own_gate, timeout);
        if (!answer)
            co_return answer.error();
        auto found = decode_projects_answer(*answer, access_.region);
        if (!found)
            co_return with_advice(found.error(), *answer);
        project_id_ = *found;
        co_return found;
    }

    asio::awaitable<result<std::optional<std::string>>> revealed_project_id() {
        const auto leave = co_await access_.keys->acquire();
        if (!leave)
            co_return leave.error();
        co_return leave->secret().project_id;
    }

    // What the user can do about it, where the answer shows it.
    static failure with_advice(failure f, const net::http_response& answer) {
        if (f.result != poll_result::auth)
            return f;
        if (const auto difference = clock_difference(answer, wall_clock()))
            f.error_msg += describe_clock_difference(*difference);
        return f;
    }

    static failure with_origin(failure f, const net::http_response& answer) {
        f.http_status = answer.status;
        f.request_id = net::find_header(answer.headers, "X-Request-Id");
        return f;
    }

    project_access access_;
    std::optional<std::string> project_id_;
};

} // namespace

std::unique_ptr<project_api> make_project_api(project_access access) {
    return std::make_unique<remote_project>(std::move(access));
}

} // namespace replmond::cloud
