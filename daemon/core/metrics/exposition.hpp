#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replmond::metrics {

/// A part of an exposition, which may stand in later ones as well.
struct text_chunk {
    std::shared_ptr<const std::string> text;

    /// Texts of the same version are the same; 0: will not come again.
    std::uint64_t version = 0;
};

using text_chunks = std::vector<text_chunk>;

/// Never the same twice, from 1.
std::uint64_t new_version();

inline text_chunk unversioned_chunk(std::string text) {
    return {std::make_shared<const std::string>(std::move(text)), 0};
}

// What a client accepts, read from its headers (RFC 9110, sections 12.5.1 and 12.5.3).

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

// The parts of the Prometheus text format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/) and of OpenMetrics 1.0.0
// (https://github.com/prometheus/OpenMetrics, specification). Sample lines are the same in both.

/// Appends `value` as it stands between the quotes of a label: backslash, double quote and newline escaped.
void append_label_value(std::string& text, std::string_view value);

/// Appends `# HELP` and `# TYPE` of a family, with its text escaped. `name` is that of the samples:
/// OpenMetrics names a counter's family without `_total`.
void append_header(std::string& text, std::string_view name, std::string_view type, std::string_view help,
                   format as);

/// A growing list of samples of one family. Labels are added in the order of the calls.
class sample {
public:
    sample(std::string& text, std::string_view name) : text_(text) { text_ += name; }

    /// Begins with a name and its first labels as they were written before, without a value.
    static sample continued(std::string& text, std::string_view start) {
        sample s(text, start);
        s.open_ = true;
        return s;
    }

    sample& label(std::string_view key, std::string_view value);

    /// Closes the sample with a value that is a number's text already.
    void value(std::string_view number);

private:
    std::string& text_;
    bool open_ = false;
};

} // namespace replmond::metrics
