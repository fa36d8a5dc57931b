#include "daemon/core/cloud/request_observer.hpp"
#include "daemon/core/web/log_line.hpp"

#include <gtest/gtest.h>

namespace replmond::cloud {
namespace {

const timestamp start{milliseconds(1'800'000'000'000)};

TEST(RequestEvent, OfAnAnswer) {
    sent_request sent;
    sent.operation = "list";
    sent.code = "503";
    sent.took = std::chrono::microseconds(12'345);
    sent.instance = "orders";
    sent.instance_id = "id1";
    sent.attempt = 2;
    sent.request_id = "r1";
    EXPECT_EQ(web::to_logfmt(request_event("prod", sent, start)),
              "time=2027-01-15T08:00:00.000Z level=DEBUG msg=\"replmond sent a request to the cloud\" "
              "event=request project=prod starrocks_instance=orders instance_id=id1 operation=list "
              "http_status=503 duration=0.012 attempt=2 request_id=r1");
}

TEST(RequestEvent, OfNoAnswerAndOfNoInstance) {
    sent_request sent;
    sent.operation = "token";
    sent.code = "error";
    sent.error_msg = "connection refused";
    EXPECT_EQ(
        web::to_logfmt(request_event("prod", sent, start)),
        "time=2027-01-15T08:00:00.000Z level=DEBUG msg=\"replmond sent a request to the cloud\" "
        "event=request project=prod operation=token duration=0 attempt=1 error_msg=\"connection refused\"");
}

TEST(RequestEvent, OfEveryDigit) {
    sent_request sent;
    sent.operation = "list";
    sent.code = "409";
    EXPECT_NE(web::to_logfmt(request_event("prod", sent, start)).find(" http_status=409 "),
              std::string::npos);
    sent.code = "";
    EXPECT_EQ(web::to_logfmt(request_event("prod", sent, start)).find("http_status"), std::string::npos);
}

} // namespace
} // namespace replmond::cloud
