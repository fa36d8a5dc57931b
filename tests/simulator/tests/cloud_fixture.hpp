#pragma once

#include "tests/simulator/cloud.hpp"
#include "tests/support/exchange.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <string>

namespace replmond::simulator {

/// Where the tasks of the instance `i` of the project `p` are listed.
inline const std::string list_path = "/v3/p/instances/i/starrocks/databases/replication";

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
        return handle(all, asked, now, real);
    }

    /// The same where the answer must be JSON.
    boost::json::value ask_json(const std::string& method, const std::string& target,
                                const std::string& body = "") {
        return boost::json::parse(ask(method, target, body).body);
    }

    /// The status and code of a refusal, `200` of an answer without a code.
    std::string outcome(const testing::script& answer) {
        boost::system::error_code ec;
        const auto body = boost::json::parse(answer.body, ec);
        const auto* object = ec ? nullptr : body.if_object();
        const auto* code = object ? object->if_contains("error_code") : nullptr;
        return std::to_string(answer.status) + (code ? " " + std::string(code->as_string()) : "");
    }

    /// The latest entry of the request log.
    boost::json::object latest() {
        return ask_json("GET", "/_control/requests").at("requests").as_array().back().as_object();
    }

    cloud all;
    virtual_time now{0};
    wall_time real = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + std::chrono::hours(3);
    std::vector<testing::field> headers{{"X-Auth-Token", "t"}};
    std::string peer = "127.0.0.1";
};

} // namespace replmond::simulator
