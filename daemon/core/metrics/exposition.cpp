// The text formats of Prometheus and OpenMetrics: which of them a scraper gets (RFC 9110 12.5), and how
// names, labels and values are written.

#include "daemon/core/metrics/exposition.hpp"

#include "daemon/core/http/preferences.hpp"
#include "daemon/core/model/text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace replmond::metrics {

std::uint64_t new_version() {
    static std::uint64_t last = 0; // not atomic: all texts are made on the loop's thread
    return ++last;
}

namespace {

// The weight of a media type: that of the most specific range that covers it (RFC 9110 12.5.1).
struct wish {
    double weight = 0;
    int specificity = 0; ///< 0: not covered, 1: */*, 2: type/*, 3: type/subtype, 4: with its version
};

wish wish_for(const std::vector<http::preference>& list, std::string_view type, std::string_view version) {
    const std::string any_subtype = std::string(type.substr(0, type.find('/'))) + "/*";
    wish best;
    for (const http::preference& range : list) {
        int specificity = 0;
        if (range.value == "*/*")
            specificity = 1;
        else if (range.value == any_subtype)
            specificity = 2;
        else if (range.value == type && range.version.empty())
            specificity = 3;
        else if (range.value == type && range.version == version)
            specificity = 4;
        if (specificity > best.specificity)
            best = {range.weight, specificity};
    }
    return best;
}

std::optional<double> weight_of(const std::vector<http::preference>& list, std::string_view coding) {
    for (const http::preference& entry : list) {
        if (entry.value == coding)
            return entry.weight;
    }
    return std::nullopt;
}

} // namespace

std::string_view content_type(format of) {
    return of == format::open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                      : "text/plain; version=0.0.4; charset=utf-8";
}

format choose_format(std::string_view accept) {
    const auto list = http::parse_preferences(accept);
    const wish open_metrics = wish_for(list, "application/openmetrics-text", "1.0.0");
    const wish text = wish_for(list, "text/plain", "0.0.4");
    if (open_metrics.weight <= 0)
        return format::text;
    const bool named = open_metrics.specificity >= 3;
    const bool wanted_more = open_metrics.weight > text.weight;
    return wanted_more || (named && open_metrics.weight == text.weight) ? format::open_metrics : format::text;
}

bool accepts_gzip(std::string_view accept_encoding) {
    const auto list = http::parse_preferences(accept_encoding);
    auto gzip = weight_of(list, "gzip");
    if (!gzip)
        gzip = weight_of(list, "x-gzip"); // the same coding (RFC 9110 8.4.1.3)
    if (!gzip)
        gzip = weight_of(list, "*");
    if (!gzip || *gzip <= 0)
        return false;
    return *gzip >= weight_of(list, "identity").value_or(0);
}

// Names rarely contain characters to escape, so the text between them is appended in one piece.
void append_label_value(std::string& text, std::string_view value) {
    const auto is_plain = [](char c) { return c != '\\' && c != '"' && c != '\n'; };
    while (!value.empty()) {
        const auto* const special = std::find_if_not(value.begin(), value.end(), is_plain);
        const auto plain = static_cast<std::size_t>(special - value.begin());
        text.append(value.substr(0, plain));
        if (special == value.end())
            return;
        text += '\\';
        text += *special == '\n' ? 'n' : *special;
        value.remove_prefix(plain + 1);
    }
}

void append_header(std::string& text, std::string_view name, std::string_view type, std::string_view help,
                   format as) {
    constexpr std::string_view total = "_total";
    if (as == format::open_metrics && type == "counter" && name.ends_with(total))
        name.remove_suffix(total.size());
    text.append("# HELP ").append(name).append(" ");
    for (const char c : help) {
        if (c == '\\')
            text += "\\\\";
        else if (c == '\n')
            text += "\\n";
        else if (c == '"' && as == format::open_metrics)
            text += "\\\"";
        else
            text += c;
    }
    text.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

sample& sample::label(std::string_view key, std::string_view value) {
    text_ += open_ ? ',' : '{';
    open_ = true;
    text_.append(key).append("=\"");
    append_label_value(text_, value);
    text_ += '"';
    return *this;
}

void sample::value(std::string_view number) {
    if (open_)
        text_ += '}';
    text_.append(" ").append(number).append("\n");
}

} // namespace replmond::metrics
