#pragma once

#include "tests/simulator/cloud.hpp"
#include "tests/support/exchange.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <string>

namespace replmond::simulator {

/// Requests to a cloud without sockets and clock, from a loopback client.
class cloud_under_test {
public:
    explicit cloud_under_test(const std::string& yaml) : all(read_scenario(yaml, "s.yaml")) {}

    testing::script ask(const std::string& method, const std::string& target, const std::string& body = "") {
        testing::request asked;
        asked.method = method;
        asked.target = target;
        asked.headers = headers;
        asked.body = body;
        asked.peer = peer;
        testing::split_target(asked);
        return handle(all, asked, now);
    }

    /// The same where the answer must be JSON.
    boost::json::value ask_json(const std::string& method, const std::string& target,
                                const std::string& body = "") {
        return boost::json::parse(ask(method, target, body).body);
    }

    cloud all;
    virtual_time now{0};
    std::vector<testing::field> headers{{"X-Auth-Token", "t"}};
    std::string peer = "127.0.0.1";
};

} // namespace replmond::simulator
