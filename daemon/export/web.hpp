#pragma once

#include "daemon/export/event_filter.hpp"
#include "daemon/export/negotiation.hpp"
#include "daemon/export/shared_texts.hpp"
#include "daemon/net/http.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace replmond::exposition {

/// What the HTTP side asks the rest of the daemon for.
struct web_sources {
    std::function<std::string(format)> metrics; ///< the whole exposition
    std::function<bool()> ready;                ///< false while stopping, too
    std::function<std::string()> config;        ///< the configuration in force, without secrets
    std::function<std::string()> reload;        ///< what is wrong, empty: done; no function: not allowed
    std::function<std::string(const event_filter&)> events; ///< a JSON array, newest first
    std::function<std::string()> landing_facts; ///< text/html, already escaped, for the landing page
    std::function<void(std::string_view handler, int code)> count;
    std::function<std::chrono::steady_clock::time_point()> now; ///< no function: no text is shared
};

/// Routes a request: GET and HEAD on known paths, 405 with Allow for other methods, 404 for unknown paths.
class web {
public:
    /// `telemetry_path`: where the metrics are, begins with '/'.
    web(std::string telemetry_path, web_sources sources);

    net::http_answer answer(const net::http_request& request) const;

private:
    struct routed {
        std::string_view handler;
        net::http_answer answer;
    };
    routed route(std::string_view path, const net::http_request& request) const;
    net::http_answer metrics_answer(const net::http_request& request) const;
    std::string metrics_text(format as, bool packed) const;
    net::http_answer events_answer(const net::http_request& request) const;
    net::http_answer reload_answer(const net::http_request& request) const;
    std::string landing_page() const;

    std::string telemetry_path_;
    web_sources sources_;
    mutable shared_texts shared_; ///< of the metrics, by format and encoding
};

/// `&`, `<`, `>`, `"` and `'` as entities.
std::string escape_html(std::string_view text);

} // namespace replmond::exposition
