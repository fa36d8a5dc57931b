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

/// What the HTTP side asks the rest of the daemon for.
struct router_sources {
    std::function<metrics::text_chunks(metrics::format)> metrics; ///< the whole exposition
    std::function<bool()> refresh_metrics; ///< see metrics_sources; no function: there is nothing to do
    std::function<bool()> ready;           ///< false while stopping, too
    std::function<std::unique_ptr<http::reply_body>()>
        config;                          ///< the configuration in force, without secrets
    std::function<std::string()> reload; ///< what is wrong, empty: done; no function: not allowed
    std::function<std::vector<const event*>(const event_filter&)> events; ///< newest first
    std::function<fleet_view()> fleet;
    std::function<daemon_facts()> facts; ///< for the status page
    std::function<void(std::string_view handler, int code)> count;
};

/// What a request comes to: an answer; or all of one but its body, and the work that makes that.
struct routed_reply {
    http::http_reply answer;
    std::function<std::unique_ptr<http::reply_body>()>
        work;            ///< no function: the answer is whole, and is counted
    std::string key;     ///< of the work: the same key, the same body
    std::string handler; ///< as what it is to be counted when it is answered
    bool is_scrape = false;

    routed_reply() = default;
    routed_reply(http::http_reply whole) : answer(std::move(whole)) {}
};

/// Routes a request: GET and HEAD on known paths, OPTIONS, 405 with Allow for other methods, 404 for unknown
/// paths, 403 for what site_policy refuses; below /api/ all of these are JSON. It must outlive the work that
/// its replies have.
class router {
public:
    /// `telemetry_path`: where the metrics are, begins with '/'.
    router(std::string telemetry_path, router_sources sources, site_policy policy = {});

    /// A request with HEAD makes no work, but for the metrics, most of whose text is there: the answer has no
    /// Content-Length (RFC 9110, 9.3.2).
    routed_reply answer(const http::http_request& request) const;

    /// Why there is no body after all: the form that the path's other answers have. `answer`: of a reply.
    static http::http_reply failed(const routed_reply& reply, int status, std::string_view why);

    void count(const routed_reply& reply, int status) const { sources_.count(reply.handler, status); }

    /// 403, 404 or 405, without looking at anything; nothing where the request could be answered. Counts.
    std::optional<http::http_reply> objection(const http::http_request& request) const;

    /// Counts a request whose answer could not be made: 500. Returns what it is counted as.
    std::string_view count_failure(const http::http_request& request) const;

private:
    std::string_view handler_of(std::string_view path) const;
    std::optional<std::string_view> site_objection(std::string_view handler,
                                                   const http::http_request& request) const;
    routed_reply route(std::string_view handler, const http::http_request& request) const;
    routed_reply metrics_reply(const http::http_request& request) const;
    routed_reply api(std::string_view handler, const http::http_request& request) const;
    http::http_reply reload_reply() const;
    routed_reply page_reply(const http::http_request& request) const;

    std::string telemetry_path_;
    router_sources sources_;
    site_policy policy_;
    mutable std::array<metrics::gzip_packer, 2> packers_; ///< of the metrics, by format
};

} // namespace replmond::web
