#pragma once

#include "daemon/export/negotiation.hpp"

#include <string>
#include <string_view>

/// The parts of the Prometheus text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/) and of OpenMetrics 1.0.0
/// (https://github.com/prometheus/OpenMetrics, specification). Sample lines are the same in both.
namespace replmond::exposition {

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

} // namespace replmond::exposition
