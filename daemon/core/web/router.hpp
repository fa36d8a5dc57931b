#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/http/reply_body.hpp"
#include "daemon/core/metrics/exposition.hpp"
#include "daemon/core/metrics/gzip.hpp"
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/core/web/queries.hpp"
#include "daemon/core/web/site_policy.hpp"
#include "daemon/core/web/status_page.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::web {

/// What the router needs from the rest of the daemon.
struct router_sources {
    std::function<metrics::text_chunks(metrics::format)> metrics; ///< the whole exposition
    std::function<bool()> refresh_metrics;                        ///< see metrics_sources::refresh
    std::function<bool()> ready;                                  ///< false also while the daemon stops
    std::function<std::unique_ptr<http::reply_body>()>
        config; ///< the configuration in force, without secrets
    /// Returns the mistakes, or an empty text; empty function: not allowed.
    std::function<std::string()> reload;
    std::function<std::vector<const event*>(const event_filter&)> events; ///< newest first
    std::function<fleet_view()> fleet;
    std::function<daemon_facts()> facts; ///< for the pages; the router adds the telemetry path
    std::function<void(std::string_view handler, int code)> count;
};

/// The result of routing a request: a complete answer, or an answer without its body and the function that
/// begins the body.
struct routed_reply {
    http::http_reply answer;
    std::function<std::unique_ptr<http::reply_body>()>
        work;            ///< begins the body; empty function: the answer is complete and already counted
    std::string key;     ///< requests with the same key can share a body
    std::string handler; ///< the label `handler` for counting the request
    bool is_scrape = false;

    routed_reply() = default;
    routed_reply(http::http_reply whole) : answer(std::move(whole)) {}
};

/// Routes requests (the contract, HTTP): GET and HEAD on known paths (POST for reload), 204 for OPTIONS, 405
/// with Allow for other methods (RFC 9110 15.5.6), 404 for unknown paths, 403 for requests that site_policy
/// refuses. Below /api/ the errors are JSON. The router must outlive the bodies of its replies.
class router {
public:
    /// `telemetry_path`: the path of the metrics; must begin with '/'.
    router(std::string telemetry_path, router_sources sources, site_policy policy = {});

    /// For HEAD no body is made, so the answer has no Content-Length, which RFC 9110 9.3.2 allows. An
    /// exception are the metrics, most of whose text exists already.
    routed_reply answer(const http::http_request& request) const;

    /// The answer if the body of `reply` could not be made: the error `why`, as JSON below /api/, else as
    /// text.
    static http::http_reply failed(const routed_reply& reply, int status, std::string_view why);

    void count(const routed_reply& reply, int status) const { sources_.count(reply.handler, status); }

    /// The answer 403, 404 or 405 if the path, the method or the site is refused, and counts it; nothing if
    /// the request may be answered.
    std::optional<http::http_reply> objection(const http::http_request& request) const;

    /// Counts a request as 500 because its answer could not be made. Returns its label `handler`.
    std::string_view count_failure(const http::http_request& request) const;

private:
    std::string_view handler_of(std::string_view path) const;
    std::optional<std::string_view> site_objection(std::string_view handler,
                                                   const http::http_request& request) const;
    routed_reply route(std::string_view handler, const http::http_request& request) const;
    routed_reply metrics_reply(const http::http_request& request) const;
    routed_reply api(std::string_view handler, const http::http_request& request) const;
    http::http_reply reload_reply() const;
    daemon_facts facts() const;
    page_sources sources_of_pages() const;
    static void protect_page(routed_reply& reply, const http::http_request& request);
    routed_reply task_reply(const http::http_request& request) const;
    routed_reply page_reply(const http::http_request& request) const;

    std::string telemetry_path_;
    router_sources sources_;
    site_policy policy_;
    mutable std::array<metrics::gzip_packer, 2> packers_; ///< for the metrics, one for each format
};

} // namespace replmond::web
