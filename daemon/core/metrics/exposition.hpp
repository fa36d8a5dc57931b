#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replmond::metrics {

/// A part of an exposition. The same chunk may be part of later expositions as well.
struct text_chunk {
    std::shared_ptr<const std::string> text;

    /// Chunks with the same version have the same text. 0: the text is used only once.
    std::uint64_t version = 0;
};

using text_chunks = std::vector<text_chunk>;

/// A new version, never returned before in this process; 1 or more.
std::uint64_t new_version();

/// A chunk that is used only once.
inline text_chunk unversioned_chunk(std::string text) {
    return {std::make_shared<const std::string>(std::move(text)), 0};
}

// Content negotiation: what a client accepts, from its headers Accept and Accept-Encoding (RFC 9110 12.5.1
// and 12.5.3).

enum class format {
    text,        ///< Prometheus text format 0.0.4
    open_metrics ///< OpenMetrics 1.0.0
};

/// The value of Content-Type.
std::string_view content_type(format of);

/// OpenMetrics if `accept` gives it a higher weight than text, or names it with the same weight as text; else
/// text. A client that accepts neither gets text, which every scraper can read. An empty header accepts
/// everything.
format choose_format(std::string_view accept);

/// True if gzip is accepted (by name or by `*`, with a weight above 0) and identity is not named with a
/// higher weight.
bool accepts_gzip(std::string_view accept_encoding);

// The elements of the Prometheus text format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/) and of OpenMetrics 1.0.0
// (https://github.com/prometheus/OpenMetrics, specification). Sample lines are the same in both formats.

/// Appends the value of a label, without its quotes: backslash, double quote and newline are escaped.
void append_label_value(std::string& text, std::string_view value);

/// Appends the lines `# HELP` and `# TYPE` of a family; `help` is escaped. `name`: the name of the samples.
/// OpenMetrics names a counter's family without `_total`, so it is removed there.
void append_header(std::string& text, std::string_view name, std::string_view type, std::string_view help,
                   format as);

/// Appends one sample line to a text. Labels are written in the order of the calls; value() ends the line.
class sample {
public:
    sample(std::string& text, std::string_view name) : text_(text) { text_ += name; }

    /// Begins with `start`: a name and at least one label that an earlier `sample` wrote, without a value.
    static sample continued(std::string& text, std::string_view start) {
        sample s(text, start);
        s.open_ = true;
        return s;
    }

    sample& label(std::string_view key, std::string_view value);

    /// Ends the line with the value, a number as text.
    void value(std::string_view number);

private:
    std::string& text_;
    bool open_ = false; ///< `{` was written
};

} // namespace replmond::metrics
