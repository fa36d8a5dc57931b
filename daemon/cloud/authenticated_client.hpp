#pragma once

#include "daemon/cloud/credentials.hpp"
#include "daemon/cloud/permit_source.hpp"
#include "daemon/core/cloud/request_observer.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/net/client/http_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace replmond::cloud {

/// What an authenticated_client is made of; it owns all of it.
struct authenticated_client_options {
    std::string language = "en-us";        ///< X-Language of the requests to the service
    std::optional<std::string> project_id; ///< none: the one that the credential reveals, else IAM is asked
    std::string region;                    ///< also the name of the project that IAM is asked for
    http::origin origin;                   ///< of the service
    std::unique_ptr<client::http_client> client;
    http::origin iam_origin;
    std::shared_ptr<client::http_client> iam_client;
    std::unique_ptr<credentials> keys;
    std::shared_ptr<permit_source>
        own_permits; ///< for requests for the project's id and for proving the credential
    request_observer observer;
};

/// Sends one project's requests to its service, each with a permit and the project's credential, and reports
/// them to the observer. Knows no particular API. Throws operation_aborted when the caller is cancelled.
/// `operation` must be a string literal, because coroutines keep the view.
class authenticated_client {
public:
    explicit authenticated_client(authenticated_client_options access);

    /// The project's id: as configured, else as the credential reveals it, else as IAM answers. Only the
    /// first caller asks IAM; the others wait for that answer. `waits_at` gives up its slot while it waits.
    boost::asio::awaitable<result<std::string>> find_project_id(permit_source& waits_at,
                                                                std::chrono::steady_clock::duration timeout);

    /// The project's id if it is known already; sends nothing.
    const std::optional<std::string>& known_project_id() const { return project_id_; }

    /// Takes over the id that the previous client of the same project has learned. To be called before the
    /// first request.
    void go_on_with_project_id(std::optional<std::string> known) {
        if (!project_id_)
            project_id_ = std::move(known);
    }

    /// Sends one GET to the service, in at most `timeout`. Any status but 200 is a failure. `known_body`: see
    /// http_request.
    boost::asio::awaitable<result<http::http_response>>
    get(std::string_view operation, std::string target, permit_source& permits,
        std::chrono::steady_clock::duration timeout, std::shared_ptr<const std::string> known_body = nullptr);

    /// Sends one request with any other method; any status is a success. After a 401 that a new credential
    /// may cure it is sent once more: a 401 comes from the gateway, so nothing was done. `sent` tells whether
    /// any of the request may have been sent.
    boost::asio::awaitable<result<http::http_response>>
    send_once(std::string_view operation, http::http_request request, permit_source& permits,
              std::chrono::steady_clock::duration timeout, bool& sent);

    credentials& keys() { return *access_.keys; }
    permit_source& own_permits() { return *access_.own_permits; }

private:
    struct destination {
        client::http_client& client;
        const http::origin& origin;
        std::string project_id;    ///< part of the signature (X-Project-Id); empty: none
        bool* sent_once = nullptr; ///< not null: the request must not be sent twice
    };

    /// Adds the credential's headers to `request` and sends it.
    boost::asio::awaitable<result<http::http_response>> send(destination& to, std::string_view operation,
                                                             http::http_request& request,
                                                             permit_source& permits,
                                                             std::chrono::steady_clock::duration timeout);
    boost::asio::awaitable<result<std::optional<std::string>>> revealed_project_id();
    boost::asio::awaitable<result<std::string>>
    ask_for_project_id(std::chrono::steady_clock::duration timeout);
    boost::asio::awaitable<result<std::string>>
    look_up_project_id(std::chrono::steady_clock::duration timeout);

    authenticated_client_options access_;
    std::optional<std::string> project_id_;
    bool asking_for_id_ = false;
    /// Never expires; used as a latch: cancelled when IAM has answered.
    std::optional<boost::asio::steady_timer> id_asked_;
    std::optional<failure> id_failure_; ///< of the last request to IAM
    std::chrono::steady_clock::time_point ask_id_again_{};
};

/// A failure to decode `answer`, with its status and request id, and a description of its body.
failure with_origin(failure f, const http::http_response& answer);

} // namespace replmond::cloud
