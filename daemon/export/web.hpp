#pragma once

#include "daemon/export/answer_job.hpp"
#include "daemon/export/event_filter.hpp"
#include "daemon/export/fleet_view.hpp"
#include "daemon/export/gzip.hpp"
#include "daemon/export/negotiation.hpp"
#include "daemon/export/site_policy.hpp"
#include "daemon/export/status_page.hpp"
#include "daemon/export/text_piece.hpp"
#include "daemon/net/http.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::exposition {

/// What the HTTP side asks the rest of the daemon for.
struct web_sources {
    std::function<text_pieces(format)> metrics; ///< the whole exposition
    std::function<bool()> refresh_metrics;      ///< see metrics_sources; no function: there is nothing to do
    std::function<bool()> ready;                ///< false while stopping, too
    std::function<std::unique_ptr<answer_job>()> config; ///< the configuration in force, without secrets
    std::function<std::string()> reload; ///< what is wrong, empty: done; no function: not allowed
    std::function<std::vector<const event*>(const event_filter&)> events; ///< newest first
    std::function<fleet_view()> fleet;
    std::function<daemon_facts()> facts; ///< for the status page
    std::function<void(std::string_view handler, int code)> count;
};

/// What a request comes to: an answer; or all of one but its body, and the work that makes that.
struct web_reply {
    net::http_answer answer;
    std::function<std::unique_ptr<answer_job>()> work; ///< no function: the answer is whole, and is counted
    std::string key;                                   ///< of the work: the same key, the same body
    std::string handler;                               ///< as what it is to be counted when it is answered
    bool is_scrape = false;

    web_reply() = default;
    web_reply(net::http_answer whole) : answer(std::move(whole)) {}
};

/// Routes a request: GET and HEAD on known paths, OPTIONS, 405 with Allow for other methods, 404 for unknown
/// paths, 403 for what site_policy refuses; below /api/ all of these are JSON. It must outlive the work that
/// its replies have.
class web {
public:
    /// `telemetry_path`: where the metrics are, begins with '/'.
    web(std::string telemetry_path, web_sources sources, site_policy policy = {});

    /// A request with HEAD makes no work, but for the metrics, most of whose text is there: the answer has no
    /// Content-Length (RFC 9110, 9.3.2).
    web_reply answer(const net::http_request& request) const;

    /// Why there is no body after all: the form that the path's other answers have. `answer`: of a reply.
    static net::http_answer failed(const web_reply& reply, int status, std::string_view why);

    void count(const web_reply& reply, int status) const { sources_.count(reply.handler, status); }

    /// 403, 404 or 405, without looking at anything; nothing where the request could be answered. Counts.
    std::optional<net::http_answer> objection(const net::http_request& request) const;

    /// Counts a request whose answer could not be made: 500. Returns what it is counted as.
    std::string_view count_failure(const net::http_request& request) const;

private:
    std::string_view handler_of(std::string_view path) const;
    std::optional<std::string_view> site_objection(std::string_view handler,
                                                   const net::http_request& request) const;
    web_reply route(std::string_view handler, const net::http_request& request) const;
    web_reply metrics_reply(const net::http_request& request) const;
    web_reply api(std::string_view handler, const net::http_request& request) const;
    net::http_answer reload_answer() const;
    web_reply page_reply(const net::http_request& request) const;

    std::string telemetry_path_;
    web_sources sources_;
    site_policy policy_;
    mutable std::array<gzip_packer, 2> packers_; ///< of the metrics, by format
};

} // namespace replmond::exposition
