#pragma once

#include "daemon/export/event_filter.hpp"
#include "daemon/export/fleet_view.hpp"
#include "daemon/export/gzip.hpp"
#include "daemon/export/negotiation.hpp"
#include "daemon/export/shared_texts.hpp"
#include "daemon/export/site_policy.hpp"
#include "daemon/export/status_page.hpp"
#include "daemon/export/text_piece.hpp"
#include "daemon/net/http.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::exposition {

/// What the HTTP side asks the rest of the daemon for.
struct web_sources {
    std::function<text_pieces(format)> metrics; ///< the whole exposition
    std::function<bool()> ready;                ///< false while stopping, too
    std::function<std::string()> config;        ///< the configuration in force, without secrets
    std::function<std::string()> reload;        ///< what is wrong, empty: done; no function: not allowed
    std::function<std::vector<const event*>(const event_filter&)> events; ///< newest first
    std::function<fleet_view()> fleet;
    std::function<daemon_facts()> facts; ///< for the status page
    std::function<void(std::string_view handler, int code)> count;
    std::function<std::chrono::steady_clock::time_point()> now; ///< no function: no text is shared
};

/// Routes a request: GET and HEAD on known paths, OPTIONS, 405 with Allow for other methods, 404 for unknown
/// paths, 403 for what site_policy refuses; below /api/ all of these are JSON.
class web {
public:
    /// `telemetry_path`: where the metrics are, begins with '/'.
    web(std::string telemetry_path, web_sources sources, site_policy policy = {});

    net::http_answer answer(const net::http_request& request) const;

    /// 403, 404 or 405, without looking at anything; nothing where the request could be answered. Counts.
    std::optional<net::http_answer> objection(const net::http_request& request) const;

    /// Counts a request whose answer could not be made: 500. Returns what it is counted as.
    std::string_view count_failure(const net::http_request& request) const;

private:
    std::string_view handler_of(std::string_view path) const;
    std::optional<std::string_view> site_objection(std::string_view handler,
                                                   const net::http_request& request) const;
    net::http_answer route(std::string_view handler, const net::http_request& request) const;
    net::http_answer metrics_answer(const net::http_request& request) const;
    net::http_answer api(std::string_view handler, const net::http_request& request) const;
    net::pieced_text metrics_text(format as, bool packed) const;
    net::http_answer reload_answer() const;
    net::http_answer page_answer(const net::http_request& request) const;

    std::string telemetry_path_;
    web_sources sources_;
    site_policy policy_;
    mutable shared_texts shared_;                ///< of the metrics, by format and encoding
    mutable std::array<gzip_packer, 2> packers_; ///< of the metrics, by format
};

} // namespace replmond::exposition
