#include "daemon/net/no_proxy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::net {
namespace {

struct row {
    const char* list;
    std::string host;
    bool exempt;
    std::uint16_t port = 443;
};

void check(const std::vector<row>& table) {
    for (const row& r : table) {
        origin to;
        to.host = r.host;
        to.port = r.port;
        EXPECT_EQ(is_exempt(r.list, to), r.exempt) << '"' << r.list << "\" and " << r.host << ':' << r.port;
    }
}

TEST(NoProxy, NamesAndAllBelowThem) {
    check({
        {"", "a.example.com", false},
        {" , ,\t", "a.example.com", false},
        {"*", "a.example.com", true},
        {"other,*", "a.example.com", true},
        {"example.com", "example.com", true},
        {"example.com", "a.example.com", true},
        {"example.com", "a.b.example.com", true},
        {".example.com", "example.com", true},
        {".example.com", "a.example.com", true},
        {"*.example.com", "a.example.com", true},
        {"EXAMPLE.com", "a.example.COM", true},
        {"example.com.", "a.example.com", true},
        {"example.com", "a.example.com.", true},
        {"example.com", "notexample.com", false},
        {".example.com", "notexample.com", false},
        {"a.example.com", "example.com", false},
        {"com", "example.com", true},
        {".", "example.com", false},
        {"*.", "example.com", false},
        {"ex*", "example.com", false},
        {"one, two three\texample.com", "example.com", true},
        {"one,example.com,", "example.com", true},
    });
}

TEST(NoProxy, Ports) {
    check({
        {"example.com:443", "a.example.com", true},
        {"example.com:8443", "a.example.com", false},
        {"example.com:8443", "a.example.com", true, 8443},
        {"10.0.0.1:443", "10.0.0.1", true},
        {"10.0.0.1:80", "10.0.0.1", false},
        {"[2001:db8::1]:443", "2001:db8::1", true},
        {"[2001:db8::1]:80", "2001:db8::1", false},
        {"example.com:", "example.com", false},
        {"example.com:x", "example.com", false},
        {"example.com:99999999999", "example.com", false},
        {":443", "example.com", false},
    });
}

TEST(NoProxy, Addresses) {
    check({
        {"10.0.0.1", "10.0.0.1", true},
        {"10.0.0.1", "10.0.0.2", false},
        {"10.0.0.1", "10.0.0.10", false},
        {"0.0.1", "10.0.0.1", false}, // an end of an address is no domain
        {"10.0.0.1", "a.10.0.0.1", true},
        {"::ffff:10.0.0.1", "10.0.0.1", true},
        {"2001:db8::1", "2001:db8::1", true},
        {"2001:db8::1", "2001:db8:0:0::1", true},
        {"[2001:DB8::1]", "2001:db8::1", true},
        {"2001:db8::1", "2001:db8::2", false},
        {"[2001:db8::1", "2001:db8::1", false},
        {"[]", "2001:db8::1", false},
    });
}

TEST(NoProxy, Networks) {
    check({
        {"10.0.0.0/8", "10.255.3.4", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"10.20.30.40/12", "10.16.0.1", true},
        {"10.20.30.40/12", "10.32.0.1", false},
        {"10.0.0.1/32", "10.0.0.1", true},
        {"10.0.0.1/32", "10.0.0.0", false},
        {"0.0.0.0/0", "192.0.2.1", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "192.0.2.1", false},
        {"fd00::/8", "fdab::1", true},
        {"fd00::/8", "fe80::1", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"2001:db8::1/128", "2001:db8::1", true},
        {"10.0.0.0/8", "::ffff:10.1.2.3", true},
        {"10.0.0.0/8", "ten.example.com", false},
        {"10.0.0.0/33", "10.0.0.0", false},
        {"10.0.0.0/-1", "10.0.0.0", false},
        {"10.0.0.0/", "10.0.0.0", false},
        {"/8", "10.0.0.0", false},
        {"example.com/8", "example.com", false},
        {"2001:db8::/129", "2001:db8::1", false},
    });
}

} // namespace
} // namespace replmond::net
