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

struct authenticated_client_options {
    std::optional<std::string> project_id; ///< none: what the credential reveals, else what IAM says
    std::string region;                    ///< the name of the project that IAM is asked for then
    http::origin origin;                   ///< of the service
    std::unique_ptr<client::http_client> client;
    http::origin iam_origin;
    std::shared_ptr<client::http_client> iam_client;
    std::unique_ptr<credentials> keys;
    std::shared_ptr<permit_source>
        own_permits; ///< of requests for the project's id, and to prove the credential
    request_observer observer;
};

/// Sends one project's requests to its service: each with a permit and the project's credential, observed.
/// Knows no API. Throws operation_aborted when the caller is cancelled. An operation's name is a literal: it
/// must stay valid.
class authenticated_client {
public:
    explicit authenticated_client(authenticated_client_options access);

    /// Configured, revealed by the credential, or asked of IAM: the first time by one caller for all.
    boost::asio::awaitable<result<std::string>> find_project_id(permit_source& waits_at,
                                                                std::chrono::steady_clock::duration timeout);

    /// The project's id once it is known, without asking for it.
    const std::optional<std::string>& known_project_id() const { return project_id_; }

    /// The same project was asked for before: what was learned then counts. Before the first request.
    void go_on_with_project_id(std::optional<std::string> known) {
        if (!project_id_)
            project_id_ = std::move(known);
    }

    /// One GET of the service, in one request of at most `timeout`; any status but 200 is a failure.
    /// `known_body`: as in http_request.
    boost::asio::awaitable<result<http::http_response>>
    get(std::string_view operation, std::string target, permit_source& permits,
        std::chrono::steady_clock::duration timeout, std::shared_ptr<const std::string> known_body = nullptr);

    /// One request of any other method to the service, any status; after a 401 that a new credential may
    /// cure it is sent once more, since a 401 comes from the gateway and nothing was done. `sent` says
    /// whether some of it may have gone out.
    boost::asio::awaitable<result<http::http_response>>
    send_once(std::string_view operation, http::http_request request, permit_source& permits,
              std::chrono::steady_clock::duration timeout, bool& sent);

    credentials& keys() { return *access_.keys; }
    permit_source& own_permits() { return *access_.own_permits; }

private:
    struct destination {
        client::http_client& client;
        const http::origin& origin;
        std::string project_id;    ///< signed along; empty: none
        bool* sent_once = nullptr; ///< set: what is sent must not be sent twice
    };

    /// Adds the credential's headers to `request`.
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
    std::optional<boost::asio::steady_timer> id_asked_; ///< never expires; cancelled when it was asked
    std::optional<failure> id_failure_;                 ///< of the last time
    std::chrono::steady_clock::time_point ask_id_again_{};
};

/// A failure to decode, with where its answer came from, and what that looks like.
failure with_origin(failure f, const http::http_response& answer);

} // namespace replmond::cloud
