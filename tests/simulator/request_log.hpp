#pragma once

#include "tests/simulator/timeline.hpp"
#include "tests/support/exchange.hpp"

#include <boost/json/array.hpp>

#include <deque>
#include <string>

namespace replmond::simulator {

/// One request to the API and what came of it.
struct logged_request {
    virtual_time now{0};
    std::string method;
    std::string path;
    std::vector<testing::field> query;
    std::string instance;   // empty where the path names none
    int status = 0;         // 0: no answer
    std::string outcome;    // the status, or the fault: `hang`, `reset`, `503`
    std::string request_id; // as in X-Request-Id
    std::size_t connection = 0;
    std::string operation;
    std::string caller; // empty where nobody was let in
    std::string note;   // why it was refused, where the answer does not say
    bool grave = false; // it could have done harm
    std::string body;   // of requests that change something
};

/// The latest requests, at most 10,000.
class request_log {
public:
    void add(logged_request request);
    void clear() { requests_.clear(); }
    boost::json::array to_json() const; // oldest first

private:
    std::deque<logged_request> requests_;
};

/// What a script comes to, in a word.
std::string outcome_of(const testing::script& answer);

} // namespace replmond::simulator
