#include "daemon/core/metrics/exposition.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::metrics {
namespace {

TEST(Negotiation, ChoosesTheFormat) {
    struct row {
        const char* accept;
        format chosen;
    };
    const std::vector<row> table{
        {"", format::text},
        {"*/*", format::text},
        {"text/plain", format::text},
        {"text/html,application/xhtml+xml,*/*;q=0.8", format::text},
        {"application/openmetrics-text", format::open_metrics},
        {"application/openmetrics-text;version=1.0.0", format::open_metrics},
        {"application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", format::open_metrics},
        {"APPLICATION/OpenMetrics-Text", format::open_metrics},
        {"application/openmetrics-text;version=0.0.1", format::text}, // not served
        {"application/openmetrics-text;version=2.0.0,text/plain;q=0.1", format::text},
        {"application/openmetrics-text;q=0", format::text},
        {"application/openmetrics-text;q=0.4,text/plain;q=0.5", format::text},
        {"application/openmetrics-text;q=0.5,text/plain;q=0.5", format::open_metrics},
        {"text/plain;q=0.5,application/openmetrics-text", format::open_metrics},
        {"application/*", format::open_metrics}, // text is not accepted
        {"application/*;q=0.9,text/plain", format::text},
        {"application/openmetrics-text;q=0.001,*/*;q=0", format::open_metrics},
        {"application/openmetrics-text;version=1.0.0;q=0,application/openmetrics-text", format::text},
        {"application/openmetrics-text;q=abc", format::text},
        {"application/openmetrics-text;q=5", format::text},
        {",,;;q=1,", format::text},
        {"application/openmetrics-text;q=1,text/plain", format::open_metrics}, // 1 is the default
        {"application/openmetrics-text;q=1.5", format::text},
        {"application/openmetrics-text;version=\"\"", format::open_metrics}, // any
        {"application/openmetrics-text;version=x1.0.0\"", format::text},     // no quoted text
        // the weight is that of the range that says most
        {"application/openmetrics-text;q=0.4,*/*;q=0.5", format::text},
        {"*/*;q=0.5,text/*;q=0.1", format::open_metrics},
        {"application/*;q=0.5,text/plain;q=0.5", format::text}, // not named
        {"application/openmetrics-text,application/openmetrics-text;version=1.0.0;q=0", format::text},
        {"image/png,text/plain;q=0.5", format::text}, // covers neither
        // what Prometheus 2.42 sends
        {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
         "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,"
         "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         format::open_metrics},
        // what Prometheus 3 sends, with OpenMetrics turned off
        {"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.2",
         format::text},
    };
    for (const row& r : table)
        EXPECT_EQ(choose_format(r.accept), r.chosen) << r.accept;
}

TEST(Negotiation, NamesTheVersionThatIsServed) {
    EXPECT_EQ(content_type(format::text), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(content_type(format::open_metrics),
              "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

TEST(Negotiation, AcceptsGzip) {
    struct row {
        const char* header;
        bool accepted;
    };
    const std::vector<row> table{
        {"", false},
        {"gzip", true},
        {"GZIP", true},
        {"x-gzip", true},
        {"deflate, gzip", true},
        {"gzip;q=0", false},
        {"gzip;q=0.0", false},
        {"gzip; q=0.001", true},
        {"*", true},
        {"*;q=0", false},
        {"gzip;q=0, *", false},
        {"deflate", false},
        {"br, *;q=0.1", true},
        {"identity", false},
        {"identity, gzip;q=0.5", false},
        {"identity;q=0.5, gzip", true},
        {"gzip, identity", true},
        {"gzip;q=nonsense", false},
        {"gzipped", false},
    };
    for (const row& r : table)
        EXPECT_EQ(accepts_gzip(r.header), r.accepted) << r.header;
}

} // namespace
} // namespace replmond::metrics
