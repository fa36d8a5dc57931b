#pragma once

#include "tests/simulator/call.hpp"
#include "tests/simulator/error_form.hpp"
#include "tests/support/exchange.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::simulator {

/// Where in an answer a connection breaks.
enum class breaking_point {
    answer, // before it
    header, // after the header
    body,   // in the middle of the body
};

/// One thing that goes wrong, as `POST /_control/faults` asks for it.
struct fault_rule {
    std::string instance = "*";        // an id, or `*`: every request to the API
    std::optional<operation> only;     // of the requests to it
    std::optional<std::int64_t> count; // how many more requests; without: for ever

    // Another answer.
    std::optional<int> status;                    // this instead of the answer
    std::optional<std::string> answer;            // a body by its name, see fault_bodies.hpp
    std::optional<std::string> body;              // a body as it is
    std::optional<std::string> error_code;        // in a named body
    std::optional<std::string> error_msg;         // the same
    std::optional<std::string> location;          // this header
    std::optional<std::string> retry_after;       // and this one
    std::optional<std::int64_t> retry_after_date; // or this one as a date so many seconds ahead
    std::int64_t bytes = 20'000'000;              // of an oversize body
    bool echo = false; // `{sent}` in the body is what the client sent in secret, and so is X-Request-Id

    // The answer, spoilt on the way.
    std::optional<std::int64_t> content_length_add; // to what is true
    std::optional<std::string> chunked;             // `good`, `garbage`
    bool gzip = false;                              // though nobody asked for it
    std::optional<std::int64_t> delay_ms;
    std::optional<std::int64_t> trickle_ms; // one byte an interval
    std::optional<std::int64_t> cut;        // the answer's first bytes, then FIN
    std::optional<breaking_point> cut_at;   // FIN
    std::optional<breaking_point> reset_at; // RST
    bool hang = false;

    boost::json::object given; // as it came
};

/// A rule from its JSON. Where it is wrong: nothing, and what is wrong in `mistake`.
std::optional<fault_rule> read_fault(const boost::json::object& given, std::string& mistake);

/// The rules in force. A request meets the first that fits it, in the order of their coming; used up rules
/// go.
class fault_list {
public:
    void add(fault_rule rule) { rules_.push_back(std::move(rule)); }
    void clear() { rules_.clear(); }

    /// Takes one use of the first rule for such a request.
    std::optional<fault_rule> take(const route& target);

    boost::json::array to_json() const;

private:
    std::vector<fault_rule> rules_;
};

/// True when the request never reaches the service behind the gateway, so that a create has no effect.
bool stops_request(const fault_rule& rule);

/// What becomes of the answer that `answer` would have been. Errors that the rule gives a status only, or a
/// code and a text, have the form of `forms`.
testing::script apply(const fault_rule& rule, testing::script answer, const call& now,
                      const error_forms& forms);

} // namespace replmond::simulator
