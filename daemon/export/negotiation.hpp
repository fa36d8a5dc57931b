#pragma once

#include <string_view>

/// What a client accepts, read from its headers (RFC 9110, sections 12.5.1 and 12.5.3).
namespace replmond::exposition {

enum class format {
    text,        ///< Prometheus text format 0.0.4
    open_metrics ///< OpenMetrics 1.0.0
};

/// The value of Content-Type.
std::string_view content_type(format of);

/// OpenMetrics where `accept` wants it at least as much as text and names it, else text: whoever accepts
/// neither gets text, which every scraper reads. An empty header accepts everything.
format choose_format(std::string_view accept);

/// True where gzip is accepted (by name or by `*`, with a weight above 0) and identity is not preferred by
/// name.
bool accepts_gzip(std::string_view accept_encoding);

} // namespace replmond::exposition
