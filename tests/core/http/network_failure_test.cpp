#include "daemon/core/http/network_failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

namespace replmond::http {
namespace {

using boost::system::error_code;
using boost::system::system_category;
using ::testing::HasSubstr;

TEST(NetworkFailure, SaysWhatToDo) {
    struct row {
        int error;
        std::string advice;
    };
    const std::vector<row> table{
        {ECONNREFUSED, "Connection refused; is the port right, and does anything listen there?"},
        {ENETUNREACH, "; check this host's routes, or set proxy_url"},
        {EHOSTUNREACH, "; check this host's routes, or set proxy_url"},
        {ETIMEDOUT, "; a firewall may drop the packets, or a proxy may be needed (proxy_url)"},
        {ECONNRESET, "; a firewall or a load balancer on the way may have cut it"},
        {EACCES, "; a firewall of this host"},
        {EPERM, "; a firewall of this host"},
        {EMFILE, "; raise LimitNOFILE="},
    };
    for (const row& r : table) {
        const error_code why(r.error, system_category());
        const failure connecting = cannot_connect("gaussdb.example:8443", why);
        EXPECT_EQ(connecting.result, poll_result::network);
        EXPECT_THAT(connecting.error_msg,
                    HasSubstr("cannot connect to gaussdb.example:8443: " + why.message()));
        EXPECT_THAT(connecting.error_msg, HasSubstr(r.advice));
        EXPECT_THAT(broken_connection("cannot read the answer", why).error_msg, HasSubstr(r.advice));
    }
}

TEST(NetworkFailure, SaysNoMoreThanItKnows) {
    const error_code why(EIO, system_category());
    EXPECT_EQ(cannot_connect("the proxy p", why).error_msg,
              "cannot connect to the proxy p: " + why.message());
    EXPECT_EQ(broken_connection("cannot send the request", why).error_msg,
              "cannot send the request: " + why.message());
}

} // namespace
} // namespace replmond::http
