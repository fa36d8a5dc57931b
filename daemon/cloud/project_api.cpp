// The cloud's lists for the monitor: one request each, decoded.

#include "daemon/cloud/project_api.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace replmond::cloud {

namespace asio = boost::asio;

namespace {

using steady_duration = std::chrono::steady_clock::duration;

// A list that has not changed is not decoded; that costs only the comparison of its bytes.
result<page> decode_unless_known(http::http_response& answer,
                                 const std::shared_ptr<const std::string>& known) {
    page unchanged;
    unchanged.same = answer.has_known_body;
    if (unchanged.same) {
        unchanged.body = known;
        return unchanged;
    }
    auto decoded = decode_page(answer.body);
    if (decoded)
        decoded->body = std::make_shared<const std::string>(std::move(answer.body));
    return decoded;
}

template<auto Decode>
auto body_with(const http::http_response& answer) {
    return Decode(answer.body);
}

class remote_project final : public project_api {
public:
    explicit remote_project(std::shared_ptr<authenticated_client> line) : line_(std::move(line)) {}

    std::optional<std::string> known_project_id() const override { return line_->known_project_id(); }

    void look_at_secrets() override { line_->keys().look_again(); }

    const credentials* keys() const override { return &line_->keys(); }

    void take_over_from(const project_api& before) override {
        if (const credentials* keys = before.keys())
            line_->keys().take_over_from(*keys);
        line_->go_on_with_project_id(before.known_project_id());
    }

    asio::awaitable<result<page>> list(list_query query, permit_source& permits,
                                       steady_duration timeout) override {
        const auto known = query.known_body;
        auto decode = [known](http::http_response& answer) { return decode_unless_known(answer, known); };
        auto target = [query = std::move(query)](std::string_view project) {
            return list_target(project, query);
        };
        return get_decoded<page>("list", std::move(target), std::move(decode), permits, timeout, known);
    }

    asio::awaitable<result<task_configuration>>
    configuration(configuration_query query, permit_source& permits, steady_duration timeout) override {
        auto target = [query = std::move(query)](std::string_view project) {
            return configuration_target(project, query);
        };
        return get_decoded<task_configuration>("configuration", std::move(target),
                                               body_with<&decode_configuration>, permits, timeout);
    }

    asio::awaitable<result<instances_page>> instances(instances_query query, permit_source& permits,
                                                      steady_duration timeout) override {
        auto target = [query](std::string_view project) { return instances_target(project, query); };
        return get_decoded<instances_page>("instances", std::move(target), body_with<&decode_instances>,
                                           permits, timeout);
    }

    asio::awaitable<result<htap_list>> htap(std::string taurusdb_id, permit_source& permits,
                                            steady_duration timeout) override {
        auto target = [id = std::move(taurusdb_id)](std::string_view project) {
            return htap_target(project, id);
        };
        return get_decoded<htap_list>("htap", std::move(target), body_with<&decode_htap>, permits, timeout);
    }

    asio::awaitable<result<credential_proof>> prove(steady_duration timeout) override {
        const auto project = co_await line_->find_project_id(line_->own_permits(), timeout);
        if (!project)
            co_return project.error();
        instances_query one;
        one.limit = 1;
        auto target = instances_target(*project, one);
        const auto answer =
            co_await line_->get("instances", std::move(target), line_->own_permits(), timeout);
        // Without a credential the answer is that of where it comes from. A redirect is of no API.
        const auto current = line_->keys().current();
        const bool looked_at =
            answer || (current && answer.error().result == poll_result::http &&
                       answer.error().http_status >= 400 && answer.error().http_status < 500);
        if (!looked_at)
            co_return answer.error();

        credential_proof proof;
        proof.project_id = *project;
        if (!answer)
            proof.not_allowed = answer.error();
        if (current) {
            proof.source = current->source;
            proof.expires_at = current->expires_at;
        }
        co_return proof;
    }

private:
    // Sends one GET to the service and decodes the answer. `operation` must be a literal, because the
    // coroutine keeps the view. `target_of` makes the target from the project's id, `decode` makes a
    // result<T> from the body.
    template<class T, class Target, class Decode>
    asio::awaitable<result<T>> get_decoded(std::string_view operation, Target target_of, Decode decode,
                                           permit_source& permits, steady_duration timeout,
                                           std::shared_ptr<const std::string> known_body = nullptr) {
        if (!line_->known_project_id()) {
            const auto found = co_await line_->find_project_id(permits, timeout);
            if (!found)
                co_return found.error();
        }
        std::string target = target_of(*line_->known_project_id());
        auto answer =
            co_await line_->get(operation, std::move(target), permits, timeout, std::move(known_body));
        if (!answer)
            co_return answer.error();
        auto decoded = decode(*answer);
        if (!decoded)
            co_return with_origin(decoded.error(), *answer);
        co_return decoded;
    }

    std::shared_ptr<authenticated_client> line_;
};

} // namespace

std::unique_ptr<project_api> make_project_api(std::shared_ptr<authenticated_client> line) {
    return std::make_unique<remote_project>(std::move(line));
}

std::unique_ptr<project_api> make_project_api(authenticated_client_options access) {
    return make_project_api(std::make_shared<authenticated_client>(std::move(access)));
}

} // namespace replmond::cloud
